using OssProxy.Tests.Records;

namespace OssProxy.Tests.Doors;

public sealed class OssAndSqlite : DoorHouse
{
    protected override Task<(string Key, string Value)[]> SettingsAsync() => Task.FromResult(Array.Empty<(string, string)>());
}

public sealed class OssAndPostgres(PostgresServer server) : DoorHouse
{
    protected override async Task<(string Key, string Value)[]> SettingsAsync() =>
        [("Records:Provider", "postgres"), ("Records:ConnectionString", await server.NewSchemaAsync(CancellationToken.None))];
}

public sealed class DiskAndSqlite : DoorHouse
{
    protected override Task<(string Key, string Value)[]> SettingsAsync() =>
        Task.FromResult<(string, string)[]>([("Storage:Provider", "local"), ("Oss:Endpoint", ""), ("Oss:Bucket", "")]);
}

public sealed class OssAndSqliteAttackSpecs(OssAndSqlite house) : AttackSpecs(house), IClassFixture<OssAndSqlite>;

[Collection(PostgresCollection.Name)]
public sealed class OssAndPostgresAttackSpecs(OssAndPostgres house) : AttackSpecs(house), IClassFixture<OssAndPostgres>;

public sealed class DiskAndSqliteAttackSpecs(DiskAndSqlite house) : AttackSpecs(house), IClassFixture<DiskAndSqlite>;

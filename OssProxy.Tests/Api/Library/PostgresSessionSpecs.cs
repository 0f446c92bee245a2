using OssProxy.Tests.Records;

namespace OssProxy.Tests.Api.Library;

[Collection(PostgresCollection.Name)]
public sealed class PostgresAdminSessionSpecs(PostgresServer server) : AdminSessionSpecs, IAsyncLifetime
{
    private (string Key, string Value)[] _settings = [];

    protected override (string Key, string Value)[] Settings => _settings;

    async Task IAsyncLifetime.InitializeAsync()
    {
        _settings = await PostgresSettings.NewAsync(server);
        await InitializeAsync();
    }
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresShopSessionSpecs(PostgresServer server) : ShopSessionSpecs, IAsyncLifetime
{
    private (string Key, string Value)[] _settings = [];

    protected override (string Key, string Value)[] Settings => _settings;

    async Task IAsyncLifetime.InitializeAsync()
    {
        _settings = await PostgresSettings.NewAsync(server);
        await InitializeAsync();
    }
}

internal static class PostgresSettings
{
    /// <summary>Records in tables of their own.</summary>
    public static async Task<(string Key, string Value)[]> NewAsync(PostgresServer server) =>
        [("Records:Provider", "postgres"), ("Records:ConnectionString", await server.NewSchemaAsync(CancellationToken.None))];
}

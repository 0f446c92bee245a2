using System.Diagnostics;
using System.Globalization;
using Npgsql;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Processes;

/// <summary>Real processes on one PostgreSQL and one bucket: stopped, continued and killed while they bring rows and objects into
/// agreement.</summary>
[Collection(PostgresCollection.Name)]
public sealed class AgreementSpecs(PostgresServer postgres) : ProcessSpecs
{
    private string _connection = "";

    [Fact]
    public async Task A_holder_that_is_stopped_in_the_middle_and_wakes_up_late_does_no_harm()
    {
        await using var first = await NodeAsync("first");
        var images = new List<(long Id, string Key)>();
        for (var number = 0; number < 10; number++)
            images.Add(await StoredAsync($"images/{number}.jpg"));
        var hung = Emulator.Faults.Add(new FaultRule { Operation = OssOperation.DeleteObject, Stall = true });
        await DeleteAllAsync();
        await Eventually.TrueAsync(() => Task.FromResult(hung.Hits >= 4), "the first node is in the middle of four");

        Signal(first, "STOP");
        var fence = await CountAsync("SELECT fence FROM lease WHERE name = 'agreement'");
        var restored = await CountAsync("SELECT min(image_id) FROM object_deletion WHERE state = 'queued'");
        await SqlAsync($"DELETE FROM object_deletion WHERE image_id = {restored} AND state = 'queued'");
        await SqlAsync($"UPDATE image SET deleted_at = NULL WHERE id = {restored}");
        hung.Dispose();
        await using (var second = await NodeAsync("second"))
        {
            await Eventually.TrueAsync(async () => await CountAsync("SELECT count(*) FROM object_deletion") == 0, "the second node has done the rest");
            (await CountAsync("SELECT fence FROM lease WHERE name = 'agreement'")).Should().BeGreaterThan(fence);

            Signal(first, "CONT");
            await Eventually.TrueAsync(
                () => Task.FromResult(first.Output.Contains("lost or could not be renewed", StringComparison.Ordinal)), "the first node has noticed");
            KeysLeft().Should().Equal(images.Single(image => image.Id == restored).Key);
            second.Terminate();
            await second.ExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }

        // It is as good as any other afterwards.
        await DeleteAllAsync();
        await Eventually.TrueAsync(async () => await CountAsync("SELECT count(*) FROM image") == 0, "the first node works again");
        KeysLeft().Should().BeEmpty();
        first.Output.Should().NotContain("\"Level\":\"Error\"");
    }

    [Fact]
    public async Task Killed_before_a_deletion_and_after_it_and_in_the_middle_of_an_upload_leaves_it_all_to_the_next_node()
    {
        using var before = Emulator.Faults.Add(new FaultRule { Operation = OssOperation.DeleteObject, KeyPattern = "images/before.jpg", Stall = true });
        using var after = Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.DeleteObject, KeyPattern = "images/after.jpg", Delay = TimeSpan.FromMinutes(5) });
        using var unanswered = Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PutObject, KeyPattern = "images/2*", Delay = TimeSpan.FromMinutes(5) });
        await using (var first = await NodeAsync("first"))
        {
            await StoredAsync("images/before.jpg");
            await StoredAsync("images/after.jpg");
            await DeleteAllAsync();
            using var connection = await first.ConnectAsync();
            var form = new Form().File("img", "a.jpg", Samples.Photo).ToBytes();
            await connection.SendAsync(Form.Head(Chat, form.Length));
            await connection.SendAsync(form);
            await Eventually.TrueAsync(
                () => Task.FromResult(before.Hits > 0 && after.Hits > 0 && Keys() is ["images/2", "images/b"]), "all three are as far as they get");
            await first.KillAsync();
        }

        Emulator.Faults.Clear();
        (await CountAsync("SELECT count(*) FROM object_deletion WHERE state = 'running'")).Should().Be(2);
        (await CountAsync("SELECT count(*) FROM image WHERE state = 'pending'")).Should().Be(1);
        await using var second = await NodeAsync("second");

        await Eventually.TrueAsync(
            async () => await CountAsync("SELECT count(*) FROM image") == 0 && await CountAsync("SELECT count(*) FROM object_deletion") == 0
                && KeysLeft().Count == 0,
            "no entry, no row, no object");

        string[] Keys() => [.. KeysLeft().Select(key => key[.."images/2".Length])];
    }

    private async Task<ServerProcess> NodeAsync(string name)
    {
        if (_connection.Length == 0)
            _connection = await postgres.NewSchemaAsync(CancellationToken.None);
        var settings = Settings(
            ("Data:Folder", Path.Combine(Folder, name)),
            ("Uploads:TempFolder", Path.Combine(Folder, name, "spool")),
            ("Records:Provider", "postgres"),
            ("Records:ConnectionString", _connection),
            ("Uploads:TimeBudget", "00:00:01"),
            ("Reconciliation:ClaimDeadline", "00:00:02"),
            ("Reconciliation:LeaseDuration", "00:00:03"),
            ("Reconciliation:PollInterval", "00:00:00.2"));
        return await ServerProcess.StartAsync(settings, Folder);
    }

    // The row has the name of a node that is nobody's: the store is shared.
    private async Task<(long Id, string Key)> StoredAsync(string key)
    {
        var options = new OssOptions
        {
            Endpoint = Emulator.Address.ToString().TrimEnd('/'),
            Region = "cn-hangzhou",
            Bucket = ApiServer.Bucket,
            AccessKeyId = "test-id",
            AccessKeySecret = "test-secret",
        };
        using var client = new OssClient(options, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<OssClient>.Instance);
        await new OssObjectStore(client).PutAsync(
            ObjectKey.Parse(key), new ObjectContent { Body = new MemoryStream(new byte[5]), Length = 5, ContentType = "image/jpeg" }, CancellationToken.None);
        var id = await CountAsync($"""
            INSERT INTO image (path, url, create_time, update_time, state, storage, media_type, node, size)
            VALUES ('{key}', '', 1, 1, 'stored', 'oss', 'image/jpeg', 'nobody', 5) RETURNING id
            """);
        return (id, key);
    }

    private Task DeleteAllAsync() => SqlAsync("""
        UPDATE image SET deleted_at = 1;
        INSERT INTO object_deletion (image_id, storage, path, due_at, state, create_time) SELECT id, storage, path, 0, 'queued', 0 FROM image
        """);

    private IReadOnlyList<string> KeysLeft() =>
        [.. Faults.StoredFile.AllOf(Folder).Select(file => file.Key).Order(StringComparer.Ordinal)];

    private static void Signal(ServerProcess node, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, node.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task SqlAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}

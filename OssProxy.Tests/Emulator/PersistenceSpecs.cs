using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

public sealed class PersistenceSpecs : EmulatorSpecs
{
    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        await Client.PutAsync("/photos/kept", "hello", ("x-oss-meta-a", "1"), ("Content-Type", "text/plain"));
        var id = (await Client.SendAsync("POST", "/photos/parts?uploads", [])).Xml.Element("UploadId")!.Value;
        var etag = (await Client.PutAsync($"/photos/parts?partNumber=1&uploadId={id}", "part"))["ETag"];
        await Server.DisposeAsync();

        // What a kill leaves: a body half received, a blob that nothing describes.
        await File.WriteAllTextAsync(Path.Combine(Folder, "temp", "half"), "half", WireClient.Deadline);
        await File.WriteAllTextAsync(Path.Combine(Folder, "buckets", "photos", "blobs", "orphan"), "orphan", WireClient.Deadline);
        await StartAsync(Options());

        var got = await Client.GetAsync("/photos/kept");
        (got.Text, got["x-oss-meta-a"], got["Content-Type"]).Should().Be(("hello", "1", "text/plain"));
        (await Client.GetAsync($"/photos/parts?uploadId={id}")).Xml.Element("Part")!.Element("ETag")!.Value.Should().Be(etag);
        Blobs().Should().ContainSingle();
    }

    [Theory]
    [InlineData("Content-Length: 100000", false)]
    [InlineData("Content-Length: 100000", true)]
    [InlineData("Transfer-Encoding: chunked", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    public async Task A_truncated_body_leaves_nothing_and_the_old_object_whole(string framing, bool aborts)
    {
        await Client.PutAsync("/photos/half", "old");
        using var connection = await Client.OpenAsync();
        var parts = framing.Split(": ");
        await connection.SendAsync(Client.Head("PUT", "/photos/half", Signing.V4, (parts[0], parts[1])));
        await connection.SendAsync((parts[1] == "chunked" ? "c350\r\n" : "") + new string('x', 20000));
        if (aborts)
            connection.Abort();
        else
            connection.EndSending();

        var entry = await Server.Requests.WaitForAsync(e => e.Operation == OssOperation.PutObject && e.Status != 200, WireClient.Deadline);
        entry.Status.Should().Be(0);
        (await Client.GetAsync("/photos/half")).Text.Should().Be("old");
        Blobs().Should().ContainSingle();
    }

    [Fact]
    public async Task A_broken_chunk_is_answered_and_leaves_nothing()
    {
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("PUT", "/photos/broken", Signing.V4, ("Transfer-Encoding", "chunked")));
        await connection.SendAsync("4\r\n1234\r\nno-size\r\n");
        var reply = await connection.ReadReplyAsync("PUT");
        (reply.Status, reply.Code).Should().Be((400, "IncompleteBody"));
        Blobs().Should().BeEmpty();
    }

    [Fact]
    public async Task A_body_that_stops_coming_ends_with_RequestTimeout()
    {
        await Server.DisposeAsync();
        var options = Options();
        options.Limits.BodyIdleTimeout = TimeSpan.FromMilliseconds(100);
        await StartAsync(options);
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("PUT", "/photos/idle", Signing.V4, ("Content-Length", "10")));
        await connection.SendAsync("12345");
        var reply = await connection.ReadReplyAsync("PUT");
        (reply.Status, reply.Code).Should().Be((400, "RequestTimeout"));
        Blobs().Should().BeEmpty();
    }

    [Fact]
    public async Task A_reader_keeps_the_object_it_opened_whatever_is_written_meanwhile()
    {
        // Large enough that it cannot lie in socket buffers as a whole.
        var old = new byte[16 << 20];
        Array.Fill(old, (byte)'o');
        await Client.SendAsync("PUT", "/photos/swap", old);
        using var reader = await Client.OpenAsync();
        await reader.SendAsync(Client.Head("GET", "/photos/swap", Signing.V4));
        (await reader.ReadHeadAsync()).Should().Contain("200");
        (await Client.PutAsync("/photos/swap", "new")).Status.Should().Be(200);
        (await Client.SendAsync("DELETE", "/photos/swap", null)).Status.Should().Be(204);
        (await reader.ReadExactlyAsync(old.Length)).Should().OnlyContain(b => b == 'o');
        Blobs().Should().BeEmpty();
    }

    [Fact]
    public async Task Two_emulators_do_not_share_a_folder()
    {
        var second = () => EmulatorServer.StartAsync(Options(), WireClient.Deadline);
        await second.Should().ThrowAsync<EmulatorStartException>();
        (await Client.PutAsync("/photos/still", "x")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Without_configured_credentials_a_folder_gets_its_own_and_keeps_them()
    {
        await Server.DisposeAsync();
        var options = Options();
        options.Credentials.Clear();
        await StartAsync(options);
        var first = Server.Credentials.Single();
        first.ToString().Should().NotContain(first.AccessKeySecret);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Path.Combine(Folder, "credential.json")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await Server.DisposeAsync();
        await StartAsync(options);
        Server.Credentials.Single().AccessKeySecret.Should().Be(first.AccessKeySecret).And.HaveLength(40);
    }
}

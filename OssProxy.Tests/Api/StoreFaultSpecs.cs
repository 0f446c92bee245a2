using OssProxy.Emulator;

namespace OssProxy.Tests.Api;

/// <summary>What the store does wrong: its own code, within seconds, never the client's; and nothing left behind.</summary>
public sealed class StoreFaultSpecs : ApiSpecs
{
    private const string Chat = "/api/chat/uploadAliyun";

    protected override (string, string)[] Settings =>
        [("Uploads:RecheckDelay", "00:00:01"), ("Oss:IdleTimeout", "00:00:02"), ("Oss:ConnectTimeout", "00:00:02"), ("Oss:Attempts", "2")];

    public static TheoryData<string, int, string> Faults => new()
    {
        { "500", 502, "StoreFailed" },
        { "503", 503, "StoreBusy" },
        { "403", 502, "StoreAccessDenied" },
        { "no bucket", 502, "StoreMisconfigured" },
        { "html", 502, "StoreFailed" },
        { "reset before body", 502, "StoreUnreachable" },
        { "reset half-way", 502, "StoreUnreachable" },
        { "reply truncated", 502, "StoreFailed" },
        { "wrong checksum", 502, "ChecksumMismatch" },
        { "stall", 504, "StoreTimedOut" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_store_that_fails_is_blamed_and_nothing_remains(string fault, int status, string code)
    {
        // Beside each other, because most of it is waiting.
        string[] modes = ["auto", "stream", "temp", "parts"];
        using var rule = Server.Emulator.Faults.Add(Rule(fault));

        var answers = await Task.WhenAll(
            modes.Select(mode => PostAsync($"{Chat}?mode={mode}", new Form().File("img", "a.jpg", Samples.PhotoOf(1_500_000)))));

        rule.Hits.Should().BeGreaterThanOrEqualTo(modes.Length, "otherwise nothing has been tested");
        foreach (var answer in answers)
        {
            answer.ShouldFail(status, code);
            answer.Message.Should().StartWith("上传失败: ");
        }

        rule.Dispose();
        await NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_store_that_is_down_is_reported_at_once_and_leaves_no_row_to_be_settled()
    {
        var folder = Path.Combine(Server.Folder, "oss");
        var address = Server.Emulator.Address;
        await Server.Emulator.DisposeAsync();

        var answer = await PostAsync(Chat, new Form().File("img", "a.jpg", Samples.Photo));
        using var ready = await Server.Client.GetAsync("/readyz");

        answer.ShouldFail(502, "StoreUnreachable");
        (await Server.RowsAsync()).Should().Be(new StoreContents.Rows(0, 0), "nothing was ever sent");
        ready.StatusCode.Should().Be(System.Net.HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync()).Should().Contain("StoreUnreachable");

        var options = ApiServer.EmulatorOptions(folder);
        options.Urls = address.ToString();
        await using var back = await EmulatorServer.StartAsync(options, CancellationToken.None);
        await NothingShouldRemainAsync();
        (await PostAsync(Chat, new Form().File("img", "a.jpg", Samples.Photo))).ShouldBeOk();
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("stream")]
    [InlineData("temp")]
    public async Task An_answer_that_was_lost_is_asked_for_and_an_object_that_is_ours_and_whole_is_a_success(string mode)
    {
        using var rule = Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PutObject, Reset = FaultReset.BeforeReply });

        var answer = await PostAsync($"{Chat}?mode={mode}", new Form().File("img", "a.jpg", Samples.PhotoOf(1_500_000)));

        rule.Hits.Should().BePositive();
        answer.ShouldBeOk();
        (await Server.ObjectsAsync()).Should().Equal(answer.Row.GetProperty("path").GetString());
        (await Server.RowsAsync()).Should().Be(new StoreContents.Rows(0, 1));
    }

    [Fact]
    public async Task An_answer_that_was_lost_and_cannot_be_asked_for_leaves_nothing()
    {
        using var lost = Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PutObject, Reset = FaultReset.BeforeReply });
        using var mute = Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.HeadObject, Reset = FaultReset.BeforeReply });

        var answer = await PostAsync(Chat + "?mode=stream", new Form().File("img", "a.jpg", Samples.Photo));

        answer.ShouldFail(502, "StoreUnreachable");
        await NothingShouldRemainAsync();
    }

    [Theory]
    [InlineData("ObjectExists", 409)]
    [InlineData("StoreAccessDenied", 502)]
    public async Task An_attempt_whose_answer_was_lost_leaves_nothing_when_the_next_one_is_refused(string code, int status)
    {
        using var lost = Server.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.PutObject, Reset = FaultReset.BeforeReply, Count = 1 });
        // The key is taken and nobody can be asked by whom; or the rights have gone.
        using var next = Server.Emulator.Faults.Add(code == "ObjectExists"
            ? new FaultRule { Operation = OssOperation.HeadObject, Status = 500 }
            : new FaultRule { Operation = OssOperation.PutObject, Status = 403, Code = "AccessDenied", ConsumeBody = true });

        var answer = await PostAsync($"{Chat}?mode=temp", new Form().File("img", "a.jpg", Samples.PhotoOf(1_500_000)));

        lost.Hits.Should().Be(1);
        next.Hits.Should().BePositive();
        answer.ShouldFail(status, code);
        next.Dispose();
        await NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_slow_client_is_never_taken_for_a_slow_store()
    {
        // Three seconds of silence inside the body: longer than the store's idle time, shorter than the client's.
        using var connection = await Server.ConnectAsync();
        var form = new Form().File("img", "a.jpg", Samples.PhotoOf(600_000)).ToBytes();
        await connection.SendAsync(Form.Head(Chat + "?mode=stream", form.Length, "Connection: close\r\n"));
        await connection.SendAsync(form.AsMemory(0, 400_000));

        using var silence = new PeriodicTimer(TimeSpan.FromSeconds(3));
        await silence.WaitForNextTickAsync();
        await connection.SendAsync(form.AsMemory(400_000));

        (await connection.ReadToEndAsync()).Should().StartWith("HTTP/1.1 200");
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("temp")]
    [InlineData("parts")]
    public async Task A_passing_fault_is_not_even_noticed_when_the_body_can_be_sent_again(string mode)
    {
        using var rule = Server.Emulator.Faults.Add(Rule("500") with { Count = 1 });

        var answer = await PostAsync($"{Chat}?mode={mode}", new Form().File("img", "a.jpg", Samples.PhotoOf(900_000)));

        rule.Hits.Should().Be(1);
        answer.ShouldBeOk();
    }

    [Theory]
    [InlineData("AccessDenied", 200)]
    [InlineData("SignatureDoesNotMatch", 503)]
    [InlineData("NoSuchBucket", 503)]
    public async Task A_key_that_may_not_list_is_ready_and_a_wrong_key_is_not(string code, int status)
    {
        using var rule = Server.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.HeadObject, KeyPattern = "images/*", Status = code == "NoSuchBucket" ? 404 : 403, Code = code });

        using var ready = await Server.Client.GetAsync("/readyz");

        rule.Hits.Should().Be(1);
        ((int)ready.StatusCode).Should().Be(status);
    }

    private static FaultRule Rule(string fault)
    {
        var put = new FaultRule { Operation = OssOperation.PutObject };
        return fault switch
        {
            "500" => put with { Status = 500, ConsumeBody = true },
            "503" => put with { Status = 503, ConsumeBody = true },
            "403" => put with { Status = 403, Code = "AccessDenied", ConsumeBody = true },
            "no bucket" => put with { Status = 404, Code = "NoSuchBucket", ConsumeBody = true },
            "html" => put with { Status = 502, Body = FaultBody.Html, ConsumeBody = true },
            "reset before body" => put with { Reset = FaultReset.BeforeBody },
            "reset half-way" => put with { Reset = FaultReset.DuringBody, ResetAfterBytes = 500_000 },
            "reply truncated" => put with { Status = 500, ConsumeBody = true, TruncateReplyAfterBytes = 10 },
            "wrong checksum" => put with { WrongCrc = true },
            "stall" => put with { Stall = true, ConsumeBody = true },
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
    }
}

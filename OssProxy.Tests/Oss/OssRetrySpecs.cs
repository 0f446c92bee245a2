using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

public sealed class OssRetrySpecs
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/a.jpg");
    private static readonly OssObjectSettings Forbidding = new() { ContentType = "image/jpeg", ForbidOverwrite = true };
    private static readonly OssPartUpload Upload = new(Key, "ID");

    public static TheoryData<string> PassingFaults => ["500", "503", "429", "408", "RequestTimeout", "InvalidDigest", "reset", "crc"];

    [Theory]
    [MemberData(nameof(PassingFaults))]
    public async Task A_seekable_body_is_sent_again_whole_and_signed_anew(string fault)
    {
        await using var store = new RawStore(e => (e.Method, e.Number) switch
        {
            ("DELETE", _) => e.ReplyAsync(204),
            (_, 1) => FailAsync(e, fault),
            _ => e.AcknowledgeAsync(),
        });
        using var client = Client(store);
        var body = new MemoryStream("skip hi oss"u8.ToArray()) { Position = 5 };
        var stored = await client.Objects.PutAsync(Key, body, null, Forbidding, CancellationToken.None).WaitAsync(RawStore.Deadline);

        stored.Length.Should().Be(6);
        var puts = store.Exchanges.Where(e => e.Method == "PUT").ToList();
        puts.Should().HaveCount(2);
        Encoding.UTF8.GetString(puts[1].Body.ToArray()).Should().Be("hi oss");
        puts.Should().OnlyContain(e => e.Headers.ContainsKey("x-oss-date"));
        store.Exchanges.Count(e => e.Method == "DELETE").Should().Be(fault == "crc" ? 1 : 0, "wrong bytes are removed before they are sent again");
    }

    [Theory]
    [MemberData(nameof(PassingFaults))]
    public async Task A_body_that_cannot_be_rewound_is_sent_once(string fault)
    {
        await using var store = new RawStore(e => e.Method switch
        {
            "PUT" => FailAsync(e, fault),
            "HEAD" => e.RefuseAsync(404, "NoSuchKey"),
            _ => e.ReplyAsync(204),
        });
        using var client = Client(store);
        var put = () => client.Objects.PutAsync(Key, new ScriptedBody(ScriptedBody.Text("hi oss")), null, Forbidding, CancellationToken.None)
            .WaitAsync(RawStore.Deadline);

        await put.Should().ThrowAsync<Exception>();
        store.Exchanges.Count(e => e.Method == "PUT").Should().Be(1);
        store.Exchanges.Count(e => e.Method == "DELETE").Should().Be(fault == "crc" ? 1 : 0);
    }

    [Theory]
    [InlineData(403, "AccessDenied")]
    [InlineData(400, "InvalidArgument")]
    [InlineData(404, "NoSuchBucket")]
    [InlineData(409, "FileAlreadyExists")]
    public async Task A_refusal_is_final(int status, string code)
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            await e.RefuseAsync(status, code);
        });
        using var client = Client(store);
        var put = () => client.Objects.PutAsync(Key, new MemoryStream([1]), null, Forbidding, CancellationToken.None);

        (await put.Should().ThrowAsync<OssException>()).Which.Code.Should().Be(code);
        store.Exchanges.Should().ContainSingle();
    }

    [Fact]
    public async Task Attempts_are_counted()
    {
        await using var store = new RawStore(e => e.RefuseAsync(500, "InternalError"));
        using var client = Client(store);
        var head = () => client.Objects.HeadAsync(Key, CancellationToken.None);

        (await head.Should().ThrowAsync<OssException>()).Which.Status.Should().Be(500);
        store.Exchanges.Should().HaveCount(3);
    }

    [Fact]
    public async Task The_pause_before_another_attempt_ends_with_the_callers_token()
    {
        using var leaving = new CancellationTokenSource();
        await using var store = new RawStore(async e =>
        {
            await e.RefuseAsync(503, "ServiceUnavailable");
            await leaving.CancelAsync();
        });

        // The clock stands, so the pause would never end.
        using var client = Client(store, time: new Clock());
        var head = () => client.Objects.HeadAsync(Key, leaving.Token).WaitAsync(RawStore.Deadline);

        await head.Should().ThrowAsync<OperationCanceledException>();
        store.Exchanges.Should().ContainSingle();
    }

    [Fact]
    public async Task A_new_upload_is_not_begun_twice_when_it_is_unknown_whether_it_was_begun()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            e.Reset();
        });
        using var client = Client(store);
        var initiate = () => client.Multipart.InitiateAsync(Key, Forbidding, CancellationToken.None);

        (await initiate.Should().ThrowAsync<OssTransportException>()).Which.Error.Should().Be(OssTransportError.Unreachable);
        store.Exchanges.Should().ContainSingle();
    }

    [Fact]
    public async Task A_throttled_beginning_is_repeated()
    {
        await using var store = new RawStore(e => e.Number == 1
            ? e.RefuseAsync(503, "TotalQpsLimitExceeded")
            : e.ReplyAsync(200, "", "<InitiateMultipartUploadResult><UploadId>ID</UploadId></InitiateMultipartUploadResult>"));
        using var client = Client(store);

        (await client.Multipart.InitiateAsync(Key, Forbidding, CancellationToken.None)).Should().Be(Upload);
    }

    [Fact]
    public async Task A_key_taken_by_our_own_lost_attempt_is_a_success()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Number == 1)
                e.Reset();
            else if (e.Method == "PUT")
                await e.RefuseAsync(409, "FileAlreadyExists");
            else
                await e.ReplyAsync(200, "ETag: \"E\"\r\nContent-Length: 6\r\nx-oss-hash-crc64ecma: 8707180448768400016\r\n");
        });
        using var client = Client(store);
        var stored = await client.Objects.PutAsync(Key, new MemoryStream("hi oss"u8.ToArray()), null, Forbidding, CancellationToken.None);

        stored.Should().Be(new OssStored("E", 8707180448768400016, 6));
        store.Exchanges.Select(e => e.Method).Should().Equal("PUT", "PUT", "HEAD");
    }

    [Fact]
    public async Task A_key_taken_by_somebody_else_stays_taken()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Number == 1)
                e.Reset();
            else if (e.Method == "PUT")
                await e.RefuseAsync(409, "FileAlreadyExists");
            else
                await e.ReplyAsync(200, "ETag: \"E\"\r\nContent-Length: 6\r\nx-oss-hash-crc64ecma: 1\r\n");
        });
        using var client = Client(store);
        var put = () => client.Objects.PutAsync(Key, new MemoryStream("hi oss"u8.ToArray()), null, Forbidding, CancellationToken.None);

        (await put.Should().ThrowAsync<OssException>()).Which.Code.Should().Be("FileAlreadyExists");
    }

    [Fact]
    public async Task A_lost_acknowledgement_of_a_body_that_cannot_be_repeated_is_found_out()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Method == "PUT")
                e.Reset();
            else
                await e.ReplyAsync(200, "ETag: \"E\"\r\nContent-Length: 6\r\nx-oss-hash-crc64ecma: 8707180448768400016\r\n");
        });
        using var client = Client(store);
        var stored = await client.Objects.PutAsync(Key, new ScriptedBody(ScriptedBody.Text("hi oss")), null, Forbidding, CancellationToken.None);

        stored.Length.Should().Be(6);
    }

    [Fact]
    public async Task A_completion_whose_answer_was_lost_is_found_out()
    {
        var parts = new[] { Part(1, "1234"), Part(2, "56789") };
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Number == 1)
                e.Reset();
            else if (e.Method == "POST")
                await e.RefuseAsync(404, "NoSuchUpload");
            else
                await e.ReplyAsync(200, "ETag: \"E-2\"\r\nContent-Length: 9\r\nx-oss-hash-crc64ecma: 11051210869376104954\r\n");
        });
        using var client = Client(store);

        (await client.Multipart.CompleteAsync(Upload, parts, false, CancellationToken.None))
            .Should().Be(new OssStored("E-2", 11051210869376104954, 9));
        Encoding.UTF8.GetString(store.Exchanges[0].Body.ToArray()).Should().Be(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"T1\"</ETag></Part>"
            + "<Part><PartNumber>2</PartNumber><ETag>\"T2\"</ETag></Part></CompleteMultipartUpload>");
    }

    [Fact]
    public async Task An_upload_that_never_was_is_not_taken_for_completed()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            await e.RefuseAsync(404, "NoSuchUpload");
        });
        using var client = Client(store);
        var complete = () => client.Multipart.CompleteAsync(Upload, [Part(1, "1234")], false, CancellationToken.None);

        (await complete.Should().ThrowAsync<OssException>()).Which.Code.Should().Be("NoSuchUpload");
        store.Exchanges.Should().ContainSingle();
    }

    [Fact]
    public async Task Parts_that_fold_into_another_checksum_are_an_error_and_the_object_is_removed()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            await e.ReplyAsync(e.Method == "DELETE" ? 204 : 200, e.Method == "DELETE" ? "" : "x-oss-hash-crc64ecma: 1\r\n");
        });
        using var client = Client(store, o => o.Attempts = 1);
        var complete = () => client.Multipart.CompleteAsync(Upload, [Part(1, "1234")], false, CancellationToken.None);

        (await complete.Should().ThrowAsync<OssTransportException>()).Which.Error.Should().Be(OssTransportError.ChecksumMismatch);
        store.Exchanges.Select(e => e.Method).Should().Equal("POST", "DELETE");
    }

    [Fact]
    public async Task A_clock_that_is_refused_is_corrected_and_the_request_repeated()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Number == 1)
                await RefuseClockAsync(e, DateTimeOffset.Parse("2026-03-04T08:00:00.000Z", CultureInfo.InvariantCulture));
            else
                await e.ReplyAsync(204);
        });
        var time = new StandingDate(new DateTimeOffset(2026, 3, 4, 9, 0, 0, TimeSpan.Zero));
        using var client = Client(store, time: time);
        await client.Objects.DeleteAsync(Key, CancellationToken.None);

        store.Exchanges.Select(e => e.Headers["x-oss-date"]).Should().Equal("20260304T090000Z", "20260304T080000Z");
        client.ClockOffset.Should().Be(TimeSpan.FromHours(-1));
        (await client.Presigner.SignAsync(HttpMethod.Get, Key, TimeSpan.FromHours(1), terms: null, CancellationToken.None))
            .Query.Should().Contain("x-oss-date=20260304T080000Z");
    }

    [Fact]
    public async Task A_clock_is_corrected_for_the_next_request_when_this_body_cannot_be_sent_again()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Number == 1)
                await RefuseClockAsync(e, new DateTimeOffset(2026, 3, 4, 8, 0, 0, TimeSpan.Zero));
            else
                await e.ReplyAsync(204);
        });
        using var client = Client(store, time: new StandingDate(new DateTimeOffset(2026, 3, 4, 9, 0, 0, TimeSpan.Zero)));
        var put = () => client.Objects.PutAsync(Key, new ScriptedBody(ScriptedBody.Text("hi")), null, Forbidding, CancellationToken.None);

        (await put.Should().ThrowAsync<OssException>()).Which.Code.Should().Be("RequestTimeTooSkewed");
        await client.Objects.DeleteAsync(Key, CancellationToken.None);
        store.Exchanges[1].Headers["x-oss-date"].Should().Be("20260304T080000Z");
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00.000Z")]
    [InlineData("9999-12-31T23:59:59.999Z")]
    [InlineData("yesterday")]
    [InlineData("")]
    public async Task An_absurd_time_of_the_store_is_not_believed(string serverTime)
    {
        await using var store = new RawStore(e => e.RefuseAsync(403, "RequestTimeTooSkewed", $"<ServerTime>{serverTime}</ServerTime>"));
        using var client = Client(store);
        var delete = () => client.Objects.DeleteAsync(Key, CancellationToken.None);

        await delete.Should().ThrowAsync<OssException>();
        client.ClockOffset.Should().Be(TimeSpan.Zero);
        store.Exchanges.Should().ContainSingle("repeating with the same clock is pointless");
    }

    private static Task RefuseClockAsync(RawExchange exchange, DateTimeOffset serverTime) => exchange.RefuseAsync(
        403, "RequestTimeTooSkewed", $"<ServerTime>{serverTime.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}</ServerTime>");

    private static OssPart Part(int number, string text) =>
        new(number, $"T{number}", text.Length, Crc64.Compute(Encoding.UTF8.GetBytes(text)));

    private static async Task FailAsync(RawExchange exchange, string fault)
    {
        if (fault == "crc")
        {
            await exchange.AcknowledgeAsync(crc: 1);
            return;
        }

        await exchange.ReadBodyAsync();
        if (fault == "reset")
            exchange.Reset();
        else if (fault is "RequestTimeout" or "InvalidDigest")
            await exchange.RefuseAsync(400, fault);
        else
            await exchange.RefuseAsync(int.Parse(fault, CultureInfo.InvariantCulture), "Code");
    }

    private static OssClient Client(RawStore store, Action<OssOptions>? change = null, TimeProvider? time = null) => new(
        store.Options(o =>
        {
            o.Attempts = 3;
            change?.Invoke(o);
        }), time ?? TimeProvider.System, NullLogger<OssClient>.Instance);

    /// <summary>One date for ever, while timers run as usual.</summary>
    private sealed class StandingDate(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

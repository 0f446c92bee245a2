using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

public sealed class OssErrorSpecs
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/a.jpg");

    [Fact]
    public async Task The_error_of_the_service_is_read_whole()
    {
        await using var store = new RawStore(e => e.ReplyAsync(403, "Content-Type: application/xml\r\n",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\">\n<Code>AccessDenied</Code>"
            + "<Message>The bucket you are attempting to access must be addressed using the specified endpoint.</Message>"
            + "<RequestId>REQ</RequestId><HostId>photos.oss-cn-hangzhou.aliyuncs.com</HostId><EC>0003-00001403</EC>"
            + "<Endpoint>oss-cn-shanghai.aliyuncs.com</Endpoint></Error>"));
        using var client = Client(store);
        var get = () => client.Objects.GetAsync(Key, null, CancellationToken.None);

        var failure = (await get.Should().ThrowAsync<OssException>()).Which;
        failure.Should().BeEquivalentTo(new
        {
            Status = 403,
            Code = "AccessDenied",
            EC = "0003-00001403",
            RequestId = "REQ",
            HostId = "photos.oss-cn-hangzhou.aliyuncs.com",
            Endpoint = "oss-cn-shanghai.aliyuncs.com",
        });
        failure.Message.Should().Be(
            "OSS answered 403 AccessDenied (EC 0003-00001403): The bucket you are attempting to access must be addressed using the "
            + "specified endpoint. Endpoint oss-cn-shanghai.aliyuncs.com. [request id REQ]");
        OssFaults.Of(failure).Error.Should().Be(StoreError.StoreMisconfigured);
    }

    [Theory]
    [InlineData(502, "", true)]
    [InlineData(504, "", true)]
    [InlineData(500, "InternalError", null)]
    [InlineData(403, "", null)]
    [InlineData(403, "AccessDenied", null)]
    public void A_failure_without_a_code_is_a_gateways_and_leaves_open_what_is_stored(int status, string code, bool? mayBeStored) =>
        OssFaults.Of(new OssException(status, code, null)).MayBeStored.Should().Be(mayBeStored);

    [Theory]
    [InlineData(OssTransportError.Unreachable, true, false)]
    [InlineData(OssTransportError.Unreachable, false, null)]
    [InlineData(OssTransportError.TimedOut, false, null)]
    [InlineData(OssTransportError.AnswerUnreadable, false, true)]
    [InlineData(OssTransportError.ChecksumMismatch, false, null)]
    [InlineData(OssTransportError.CredentialsRefused, false, false)]
    [InlineData(OssTransportError.CredentialsUnavailable, false, false)]
    public void Only_a_request_that_never_left_has_surely_stored_nothing(OssTransportError error, bool neverSent, bool? mayBeStored) =>
        OssFaults.Of(new OssTransportException(error, "words") { NeverSent = neverSent }).MayBeStored.Should().Be(mayBeStored);

    [Theory]
    [InlineData(502, "Content-Type: text/html\r\n", "<html><body>Bad Gateway<br></body></html>")]
    [InlineData(500, "", "")]
    [InlineData(500, "", "<Error><Code>InternalError</Co")]
    [InlineData(500, "", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Error><Code>&e;</Code></Error>")]
    [InlineData(400, "", "{\"error\":\"json\"}")]
    [InlineData(500, "", "<Other><Code>NoSuchKey</Code></Other>")]
    public async Task A_body_that_is_no_error_of_OSS_does_not_hide_the_status(int status, string headers, string body)
    {
        await using var store = new RawStore(e => e.ReplyAsync(status, headers, body));
        using var client = Client(store);
        var get = () => client.Objects.GetAsync(Key, null, CancellationToken.None);

        var failure = (await get.Should().ThrowAsync<OssException>()).Which;
        failure.Should().BeEquivalentTo(new { Status = status, Code = "", RequestId = "5C3D9175B6FC201293AD****" });
        OssFaults.Of(failure).Error.Should().Be(StoreError.StoreFailed);
    }

    [Fact]
    public async Task A_page_without_end_does_not_hide_the_status_and_is_not_read_to_its_end()
    {
        await using var store = new RawStore(async e =>
        {
            await e.WriteAsync($"HTTP/1.1 502 X\r\nContent-Length: 1000000000\r\n\r\n{new string('x', 200_000)}");
            await e.StallAsync();
        });
        using var client = Client(store);
        var get = () => client.Objects.GetAsync(Key, null, CancellationToken.None).WaitAsync(RawStore.Deadline);

        (await get.Should().ThrowAsync<OssException>()).Which.Status.Should().Be(502);
    }

    [Fact]
    public async Task An_error_that_is_cut_off_does_not_hide_the_status()
    {
        await using var store = new RawStore(async e =>
        {
            await e.WriteAsync("HTTP/1.1 403 X\r\nContent-Length: 1000\r\n\r\n<Error>");
            e.Close();
        });
        using var client = Client(store);
        var get = () => client.Objects.GetAsync(Key, null, CancellationToken.None);

        (await get.Should().ThrowAsync<OssException>()).Which.Status.Should().Be(403);
    }

    [Fact]
    public async Task An_absent_object_is_null_to_head_and_get_and_an_absent_bucket_is_an_error()
    {
        var code = "NoSuchKey";
        await using var store = new RawStore(e => e.RefuseAsync(404, code));
        using var client = Client(store);
        var objects = new OssObjectStore(client);

        (await objects.HeadAsync(Key, CancellationToken.None)).Should().BeNull();
        (await objects.OpenAsync(Key, null, CancellationToken.None)).Should().BeNull();

        code = "NoSuchBucket";
        foreach (var call in new Func<Task>[]
            { () => objects.HeadAsync(Key, CancellationToken.None), () => objects.OpenAsync(Key, null, CancellationToken.None) })
        {
            (await call.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreMisconfigured);
        }
    }

    [Fact]
    public async Task A_head_that_names_only_its_EC_is_understood()
    {
        await using var store = new RawStore(e => e.ReplyAsync(404, "x-oss-ec: 0015-00000101\r\n"));
        using var client = Client(store);
        var head = () => client.Objects.HeadAsync(Key, CancellationToken.None);

        (await head.Should().ThrowAsync<OssException>()).Which.Code.Should().Be("NoSuchBucket");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("not HTTP at all\r\n\r\n")]
    public async Task A_success_that_is_not_of_OSS_is_no_success(string answer)
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            await e.WriteAsync(answer);
            e.Close();
        });
        using var client = Client(store);
        var put = () => new OssObjectStore(client).PutAsync(
            Key, new ObjectContent { Body = new MemoryStream([1]), ContentType = "image/jpeg" }, CancellationToken.None);
        var list = () => client.Bucket.ListPageAsync(new OssListQuery(), CancellationToken.None);

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreFailed);
        (await list.Should().ThrowAsync<OssTransportException>()).Which.Error.Should().Be(OssTransportError.AnswerUnreadable);
    }

    [Theory]
    [InlineData(409, "FileAlreadyExists", StoreError.ObjectExists)]
    [InlineData(403, "SignatureDoesNotMatch", StoreError.StoreAccessDenied)]
    [InlineData(403, "InvalidAccessKeyId", StoreError.StoreAccessDenied)]
    [InlineData(403, "RequestTimeTooSkewed", StoreError.StoreAccessDenied)]
    [InlineData(403, "SecurityTokenExpired", StoreError.StoreAccessDenied)]
    [InlineData(403, "AccessDenied", StoreError.StoreAccessDenied)]
    [InlineData(403, "", StoreError.StoreAccessDenied)]
    [InlineData(404, "NoSuchBucket", StoreError.StoreMisconfigured)]
    [InlineData(403, "PermanentRedirect", StoreError.StoreMisconfigured)]
    [InlineData(400, "InvalidBucketName", StoreError.StoreMisconfigured)]
    [InlineData(403, "SecondLevelDomainForbidden", StoreError.StoreMisconfigured)]
    [InlineData(400, "PublicEndpointForbidden", StoreError.StoreMisconfigured)]
    [InlineData(400, "InvalidArgument", StoreError.StoreMisconfigured)]
    [InlineData(503, "ServiceUnavailable", StoreError.StoreBusy)]
    [InlineData(503, "", StoreError.StoreBusy)]
    [InlineData(429, "", StoreError.StoreBusy)]
    [InlineData(403, "TotalQpsLimitExceeded", StoreError.StoreBusy)]
    [InlineData(400, "RequestTimeout", StoreError.StoreTimedOut)]
    [InlineData(400, "IncompleteBody", StoreError.StoreFailed)]
    [InlineData(500, "InternalError", StoreError.StoreFailed)]
    [InlineData(502, "", StoreError.StoreFailed)]
    [InlineData(302, "", StoreError.StoreFailed)]
    [InlineData(400, "InvalidDigest", StoreError.ChecksumMismatch)]
    public void Every_refusal_has_its_meaning(int status, string code, StoreError meaning) =>
        OssFaults.Classify(new OssException(status, code, null)).Should().Be(meaning);

    private static OssClient Client(RawStore store) => new(store.Options(), TimeProvider.System, NullLogger<OssClient>.Instance);
}

using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace OssProxy.Tests.Oss;

/// <summary>A test that exists only where real credentials are given: without them it is not discovered, so it neither passes nor
/// is skipped.</summary>
[XunitTestCaseDiscoverer("OssProxy.Tests.Oss.RealOssFactDiscoverer", "OssProxy.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealOssFactAttribute : FactAttribute;

public sealed class RealOssFactDiscoverer(IMessageSink diagnosticMessageSink) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        if (RealOssSpecs.Options() is null)
            return [];

        return [new XunitTestCase(
            diagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
    }
}

/// <summary>The beliefs of <c>docs/oss-assumptions.md</c>, asked of the real service.</summary>
public sealed class RealOssSpecs : IAsyncLifetime, IDisposable
{
    private static readonly OssObjectSettings Text = new() { ContentType = "text/plain", ForbidOverwrite = true };

    private readonly string _prefix = $"oss-proxy-test/{Guid.NewGuid():N}/";
    private readonly OssClient _client = new(Options()!, TimeProvider.System, NullLogger<OssClient>.Instance);

    public static OssOptions? Options()
    {
        static string Variable(string name) => Environment.GetEnvironmentVariable("OSSPROXY_TEST_OSS_" + name) ?? "";

        return Variable("ACCESS_KEY_SECRET").Length == 0 ? null : new OssOptions
        {
            Endpoint = Variable("ENDPOINT"),
            Region = Variable("REGION"),
            Bucket = Variable("BUCKET"),
            AccessKeyId = Variable("ACCESS_KEY_ID"),
            AccessKeySecret = Variable("ACCESS_KEY_SECRET"),
        };
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        var left = new List<ObjectKey>();
        await foreach (var entry in _client.Bucket.ListAsync(_prefix, CancellationToken.None))
            left.Add(ObjectKey.Parse(entry.Key));
        if (left.Count > 0)
            await _client.Objects.DeleteManyAsync(left, CancellationToken.None);
    }

    public void Dispose() => _client.Dispose();

    [RealOssFact]
    public async Task A1_A5_A7_A_chunked_put_is_taken_and_read_back_in_ranges()
    {
        var key = Key("a.txt");
        await _client.Objects.PutAsync(key, new ScriptedBody(ScriptedBody.Text("01234"), ScriptedBody.Text("56789")), null, Text, CancellationToken.None);

        await using var part = await _client.Objects.GetAsync(key, new ByteRange(5, 15), CancellationToken.None);
        (await new StreamReader(part!.Body).ReadToEndAsync()).Should().Be("56789");
        var beyond = () => _client.Objects.GetAsync(key, new ByteRange(15, 25), CancellationToken.None);
        (await beyond.Should().ThrowAsync<OssException>()).Which.Status.Should().Be((int)HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [RealOssFact]
    public async Task A2_An_absent_object_is_told_as_such() =>
        (await _client.Objects.HeadAsync(Key("absent"), CancellationToken.None)).Should().BeNull();

    [RealOssFact]
    public async Task A3_A_put_that_is_cut_off_leaves_nothing()
    {
        foreach (var (name, length) in new (string, long?)[] { ("chunked", null), ("sized", 1_000_000) })
        {
            var body = new ScriptedBody(ScriptedBody.Text(new string('x', 200_000)), () => Task.FromException<byte[]>(new PhoneInTunnelException()));
            var put = () => _client.Objects.PutAsync(Key(name), body, length, Text, CancellationToken.None);
            await put.Should().ThrowAsync<PhoneInTunnelException>();
            (await _client.Objects.HeadAsync(Key(name), CancellationToken.None)).Should().BeNull();
        }
    }

    [RealOssFact]
    public async Task A6_A11_Awkward_keys_are_signed_listed_and_removed()
    {
        var key = Key("目录/a+b c~d!e*f'g(h)%25&i=j?k#l|[m]//n");
        await _client.Objects.PutAsync(key, new MemoryStream([1]), 1, Text, CancellationToken.None);

        var page = await _client.Bucket.ListPageAsync(new OssListQuery { Prefix = _prefix + "目录/a+b c~d!e*f'g(h)" }, CancellationToken.None);
        page.Objects.Select(o => o.Key).Should().Equal(key.Value);
        (await _client.Objects.DeleteManyAsync([key], CancellationToken.None)).Should().Equal(key.Value);
    }

    [RealOssFact]
    public async Task A8_A_completion_that_is_repeated_does_no_harm()
    {
        var key = Key("parts");
        var upload = await _client.Multipart.InitiateAsync(key, Text, CancellationToken.None);
        var part = await _client.Multipart.UploadPartAsync(upload, 1, new MemoryStream([1, 2, 3]), 3, CancellationToken.None);
        var stored = await _client.Multipart.CompleteAsync(upload, [part], false, CancellationToken.None);
        try
        {
            await _client.Multipart.CompleteAsync(upload, [part], false, CancellationToken.None);
        }
        catch (OssException e)
        {
            e.Code.Should().BeOneOf("NoSuchUpload", "FileAlreadyExists");
        }

        var found = await _client.Objects.HeadAsync(key, CancellationToken.None);
        found.Should().BeEquivalentTo(new { Length = 3L, Crc64 = (ulong?)stored.Crc64 });
    }

    [RealOssFact]
    public async Task A12_A_chunked_part_is_taken()
    {
        var key = Key("chunked-part");
        var upload = await _client.Multipart.InitiateAsync(key, Text, CancellationToken.None);
        var part = await _client.Multipart.UploadPartAsync(
            upload, 1, new ScriptedBody(ScriptedBody.Text("01234"), ScriptedBody.Text("56789")), length: null, CancellationToken.None);
        await _client.Multipart.CompleteAsync(upload, [part], false, CancellationToken.None);

        (await _client.Objects.HeadAsync(key, CancellationToken.None))!.Length.Should().Be(10);
    }

    [RealOssFact]
    public async Task A13_Keys_are_listed_in_the_order_of_their_bytes()
    {
        string[] names = ["a", "a.b", "a/b", "a0", "目录", "～", "😀"];
        foreach (var name in names)
            await _client.Objects.PutAsync(Key(name), new MemoryStream([1]), 1, Text, CancellationToken.None);

        var listed = await new OssObjectStore(_client).ListAsync(_prefix, CancellationToken.None).ToListAsync();

        listed.Select(entry => entry.Key).Should().Equal(names.Select(name => _prefix + name));
    }

    private ObjectKey Key(string name) => ObjectKey.Parse(_prefix + name);
}

using System.Text.Json;
using OssProxy.Emulator;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;

namespace OssProxy.Tests.Emulator;

public sealed class AddressSpecs : EmulatorSpecs
{
    [Fact]
    public void Keys_are_decoded_once_and_encoded_strictly()
    {
        var vectors = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "url-encoding.json"))).RootElement;
        foreach (var vector in vectors.GetProperty("cases").EnumerateArray())
        {
            var key = vector.GetProperty("key").GetString()!;
            RequestAddress.Parse("examplebucket.localhost:9100", vector.GetProperty("path").GetString()!, new()).Key.Should().Be(key);
            RequestAddress.Parse("127.0.0.1:9100", vector.GetProperty("canonicalUriV4").GetString()!, new()).Key.Should().Be(key);
            ("/" + PercentEncoding.Encode(key, keepSlash: true)).Should().Be(vector.GetProperty("path").GetString());
            PercentEncoding.Encode(key).Should().Be(vector.GetProperty("queryValue").GetString());
        }
    }

    [Theory]
    [InlineData("photos.localhost:80", "/a/b", "photos", "a/b")]
    [InlineData("localhost:80", "/photos/a/b", "photos", "a/b")]
    [InlineData("[::1]:80", "/photos/", "photos", null)]
    [InlineData("127.0.0.1", "/photos", "photos", null)]
    [InlineData("127.0.0.1", "/", null, null)]
    [InlineData("img.example.com", "/a", "photos", "a")]
    [InlineData("photos.oss-cn-hangzhou.aliyuncs.com", "/a", "photos", "a")]
    [InlineData("127.0.0.1", "http://127.0.0.1/photos/a", "photos", "a")]
    public void Every_addressing_style_names_the_same_things(string host, string target, string? bucket, string? key)
    {
        var address = RequestAddress.Parse(host, target, new() { Cnames = { ["img.example.com"] = "photos" } });
        (address.Bucket, address.Key).Should().Be((bucket, key));
    }

    [Theory]
    [InlineData("/photos//a", "InvalidObjectName")]
    [InlineData("/photos/%5Ca", "InvalidObjectName")]
    [InlineData("/photos/%FF", "InvalidObjectName")]
    [InlineData("/photos/%4", "InvalidObjectName")]
    [InlineData("/Ph/a", "InvalidBucketName")]
    [InlineData("/..%2F..%2Fetc/a", "InvalidBucketName")]
    public void A_name_that_OSS_would_refuse_is_refused(string target, string code) =>
        FluentActions.Invoking(() => RequestAddress.Parse("127.0.0.1", target, new())).Should().Throw<OssException>().Which.Code.Should().Be(code);

    [Fact]
    public void A_key_may_have_1023_bytes_and_no_more()
    {
        RequestAddress.Parse("127.0.0.1", "/photos/" + new string('k', 1023), new()).Key.Should().HaveLength(1023);
        FluentActions.Invoking(() => RequestAddress.Parse("127.0.0.1", "/photos/" + new string('k', 1024), new())).Should().Throw<OssException>();
    }

    [Theory]
    [InlineData("..%2F..%2F..%2Fescape.txt")]
    [InlineData("a/../../../b")]
    [InlineData("a/./b")]
    [InlineData("C%3A%5Cwindows")]
    [InlineData("A")]
    [InlineData("a")]
    [InlineData("%25%2e%2e%2f")]
    [InlineData("%F0%9F%98%80%0A%01")]
    public async Task A_key_shaped_like_a_path_is_only_a_name(string encoded)
    {
        // The tiny signer wants the strict spelling; the wire carries it too.
        var key = Uri.UnescapeDataString(encoded);
        var target = "/photos/" + string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
        (await Client.PutAsync(target, key)).Status.Should().Be(200);
        (await Client.GetAsync(target)).Text.Should().Be(key);
        Server.Requests.Snapshot()[0].Key.Should().Be(key);
        Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(Path.GetFileName)
            .Should().OnlyContain(name => name == ".lock" || name == "bucket.json" || IsHash(name!));
    }

    [Fact]
    public async Task Virtual_hosted_requests_sign_the_bucket_that_only_Host_names()
    {
        await Client.PutAsync("/photos/v", "hello");
        var reply = await Client.SendAsync("GET", "/v", null, Signing.None, ("Host", "photos.localhost"));
        (reply.Status, reply.Text).Should().Be((200, "hello"));
        (await Client.SendAsync("GET", "/v", null, ("Host", "photos.localhost"))).Code.Should().Be("SignatureDoesNotMatch");
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://192.0.2.1:9100")]
    [InlineData("https://127.0.0.1:0")]
    public async Task An_address_beyond_this_machine_needs_the_switch(string url)
    {
        var options = new EmulatorOptions { Urls = url, Folder = Folder + "-other" };
        var start = () => EmulatorServer.StartAsync(options, WireClient.Deadline);
        (await start.Should().ThrowAsync<EmulatorStartException>()).Which.Message.Should().Contain("Emulator:");
        Directory.Exists(options.Folder).Should().BeFalse();
    }

    private static bool IsHash(string fileName) =>
        Path.GetFileNameWithoutExtension(fileName) is { Length: 32 or 64 } name && name.All(c => char.IsAsciiHexDigitLower(c));
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary>What the holder of temporary credentials may do, over the wire.</summary>
public sealed class SessionPolicySpecs : EmulatorSpecs
{
    private static readonly string[] Actions =
    [
        "oss:ListBuckets", "oss:PutBucket", "oss:DeleteBucket", "oss:GetBucketInfo", "oss:GetBucketLocation", "oss:ListObjects",
        "oss:ListMultipartUploads", "oss:PutObject", "oss:GetObject", "oss:DeleteObject", "oss:AbortMultipartUpload", "oss:ListParts",
    ];

    private StsClient Sts => new(Client, new(WireClient.AccessKeyId, WireClient.Secret));

    [Theory]
    [InlineData("oss:ListBuckets", "*", "GET", "/", null)]
    [InlineData("oss:PutBucket", "new-one", "PUT", "/new-one/", "/new-two/")]
    [InlineData("oss:DeleteBucket", "secret", "DELETE", "/secret/", "/photos/")]
    [InlineData("oss:GetBucketInfo", "photos", "GET", "/photos/?bucketInfo", "/secret/?bucketInfo")]
    [InlineData("oss:GetBucketLocation", "photos", "GET", "/photos/?location", "/secret/?location")]
    [InlineData("oss:ListObjects", "photos", "GET", "/photos/", "/secret/")]
    [InlineData("oss:ListObjects", "photos", "GET", "/photos/?list-type=2", "/secret/?list-type=2")]
    [InlineData("oss:ListMultipartUploads", "photos", "GET", "/photos/?uploads", "/secret/?uploads")]
    [InlineData("oss:GetObject", "photos/user/*", "GET", "/photos/user/a", "/photos/other/a")]
    [InlineData("oss:GetObject", "photos/user/*", "HEAD", "/photos/user/a", "/secret/user/a")]
    [InlineData("oss:GetObject", "photos/user/*", "HEAD", "/photos/user/a?objectMeta", "/photos/user?objectMeta")]
    [InlineData("oss:PutObject", "photos/user/*", "PUT", "/photos/user/a", "/photos/other/a")]
    [InlineData("oss:PutObject", "photos/user/*", "POST", "/photos/user/a?uploads", "/photos/other/a?uploads")]
    [InlineData("oss:PutObject", "photos/user/*", "PUT", "/photos/user/a?partNumber=1&uploadId=x", "/photos/other/a?partNumber=1&uploadId=x")]
    [InlineData("oss:PutObject", "photos/user/*", "POST", "/photos/user/a?uploadId=x", "/photos/other/a?uploadId=x")]
    [InlineData("oss:DeleteObject", "photos/user/*", "DELETE", "/photos/user/a", "/photos/other/a")]
    [InlineData("oss:AbortMultipartUpload", "photos/user/*", "DELETE", "/photos/user/a?uploadId=x", "/photos/other/a?uploadId=x")]
    [InlineData("oss:ListParts", "photos/user/*", "GET", "/photos/user/a?uploadId=x", "/photos/other/a?uploadId=x")]
    public async Task An_action_is_allowed_within_its_resource_alone(string action, string resource, string method, string within, string? beyond)
    {
        var body = method is "PUT" or "POST" ? "x"u8.ToArray() : null;
        var holder = await HolderAsync(Policy([action], resource));
        if (beyond is not null)
            Denied(await holder.SendAsync(method, beyond, body), method);

        var others = await HolderAsync(Policy([.. Actions.Where(a => a != action)], "*"));
        Denied(await others.SendAsync(method, within, body), method);
        var elsewhere = await HolderAsync(Policy(["oss:*"], "another-bucket", "another-bucket/*"));
        Denied(await elsewhere.SendAsync(method, within, body), method);

        (await holder.SendAsync(method, within, body)).Status.Should().NotBe(403);
    }

    [Fact]
    public async Task A_listing_stays_below_its_prefix()
    {
        var holder = await HolderAsync(
            """{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:ListObjects","Resource":"acs:oss:*:*:photos","Condition":{"StringLike":{"oss:Prefix":["user1/*"]}}}]}""");
        foreach (var form in new[] { "", "list-type=2&" })
        {
            (await holder.GetAsync($"/photos/?{form}prefix=user1%2F")).Status.Should().Be(200);
            (await holder.GetAsync($"/photos/?delimiter=%2F&{form}prefix=user1%2Fa")).Status.Should().Be(200);
            Denied(await holder.GetAsync($"/photos/?{form}prefix=user2%2F"));
            Denied(await holder.GetAsync($"/photos/?{form}prefix=user1"));
            Denied(await holder.GetAsync("/photos/?" + form.TrimEnd('&')));
        }

        Denied(await holder.GetAsync("/secret/?prefix=user1%2F"));
    }

    [Fact]
    public async Task A_copy_reads_its_source_and_writes_its_target()
    {
        await Client.PutAsync("/photos/user/source", "s");
        await Client.PutAsync("/secret/source", "s");
        var upload = (await Client.SendAsync("POST", "/photos/user/part?uploads", [])).Xml.Element("UploadId")!.Value;
        var writer = await HolderAsync(Policy(["oss:PutObject"], "photos/user/*"));
        var copier = await HolderAsync(Policy(["oss:PutObject", "oss:GetObject"], "photos/user/*"));
        var part = $"/photos/user/part?partNumber=1&uploadId={upload}";
        foreach (var target in new[] { "/photos/user/copy", part })
        {
            Denied(await writer.SendAsync("PUT", target, [], ("x-oss-copy-source", "/photos/user/source")));
            Denied(await copier.SendAsync("PUT", target, [], ("x-oss-copy-source", "/secret/source")));
            Denied(await copier.SendAsync("PUT", target, [], ("x-oss-copy-source", "/secret/absent")));
            (await copier.SendAsync("PUT", target, [], ("x-oss-copy-source", "/photos/user/source"))).Status.Should().Be(200);
        }

        Denied(await copier.SendAsync("PUT", "/photos/other", [], ("x-oss-copy-source", "/photos/user/source")));
    }

    [Fact]
    public async Task A_deletion_of_many_is_asked_for_each_key_before_any_is_gone()
    {
        var holder = await HolderAsync(Policy(["oss:DeleteObject"], "photos/user/*"));
        foreach (var key in new[] { "user/a", "user/b", "other" })
            await Client.PutAsync("/photos/" + key, "x");

        Denied(await DeleteAsync(holder, "user/a", "other"));
        (await Client.GetAsync("/photos/user/a")).Status.Should().Be(200);
        (await DeleteAsync(holder, "user/a", "user/b")).Status.Should().Be(200);
        (await Client.GetAsync("/photos/user/b")).Status.Should().Be(404);
        Denied(await DeleteAsync(await HolderAsync(Policy(["oss:PutObject", "oss:GetObject"], "*")), "user/a"));
    }

    [Fact]
    public async Task The_policies_of_role_and_session_meet()
    {
        await Server.DisposeAsync();
        var options = Options();
        options.Roles.Add(new() { Arn = EmulatorRole.DefaultArn, Policy = Policy(["oss:PutObject", "oss:GetObject"], "photos/*") });
        await StartAsync(options);
        var plain = await HolderAsync(null);
        (await plain.PutAsync("/photos/user/a", "x")).Status.Should().Be(200);
        Denied(await plain.PutAsync("/secret/user/a", "x"));
        Denied(await plain.SendAsync("DELETE", "/photos/user/a", null));

        var narrow = await HolderAsync(Policy(["oss:GetObject", "oss:DeleteObject"], "photos/user/*", "secret/*"));
        (await narrow.GetAsync("/photos/user/a")).Status.Should().Be(200);
        Denied(await narrow.PutAsync("/photos/user/a", "x"));
        Denied(await narrow.SendAsync("DELETE", "/photos/user/a", null));
        Denied(await narrow.GetAsync("/secret/a"));
    }

    [Fact]
    public async Task A_public_bucket_adds_nothing_to_a_policy()
    {
        await Client.PutAsync("/photos/a", "x");
        Denied(await (await HolderAsync(Policy(["oss:PutObject"], "photos/*"))).GetAsync("/photos/a"));
        (await Client.SendAsync("GET", "/photos/a", null, Signing.None)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(Signing.V1)]
    [InlineData(Signing.V4)]
    internal async Task A_presigned_URL_keeps_to_the_policy_and_dies_with_its_token(Signing signing)
    {
        await Server.DisposeAsync();
        var clock = new Clock();
        var options = Options();
        options.TimeProvider = clock;
        await StartAsync(options);
        await new WireClient(Server.Address, clock).PutAsync("/secret/user/a", "hello");
        var key = await new StsClient(Client, new(WireClient.AccessKeyId, WireClient.Secret), clock)
            .KeyAsync(Policy(["oss:GetObject"], "secret/user/*"), ("DurationSeconds", "900"));
        string Url(string path) => signing == Signing.V1 ? UrlV1(path, key, clock.GetUtcNow().AddHours(6)) : UrlV4(path, key, clock.GetUtcNow());

        var url = Url("/secret/user/a");
        (await Client.SendAsync("GET", url, null, Signing.None)).Text.Should().Be("hello");
        Denied(await Client.SendAsync("GET", Url("/secret/other"), null, Signing.None));
        (await Client.SendAsync("GET", url[..^1] + (url[^1] == 'a' ? 'b' : 'a'), null, Signing.None)).Code.Should().BeOneOf("SignatureDoesNotMatch", "InvalidSecurityToken");

        clock.Advance(TimeSpan.FromSeconds(900));
        (await Client.SendAsync("GET", url, null, Signing.None)).Code.Should().Be("SecurityTokenExpired");
    }

    private async Task<WireClient> HolderAsync(string? policy) => new(Server.Address, key: await Sts.KeyAsync(policy));

    private static Task<WireReply> DeleteAsync(WireClient client, params string[] keys)
    {
        var document = Encoding.UTF8.GetBytes($"<Delete>{string.Concat(keys.Select(k => $"<Object><Key>{k}</Key></Object>"))}</Delete>");
        return client.SendAsync("POST", "/photos/?delete", document, ("Content-MD5", Convert.ToBase64String(MD5.HashData(document))));
    }

    private static void Denied(WireReply reply, string method = "GET")
    {
        (reply.Status, reply.Code).Should().Be((403, "AccessDenied"));
        if (method != "HEAD")
            reply.Xml.Element("Message")!.Value.Should().Be("Access denied by authorizer's policy.");
    }

    private static string Policy(string[] actions, params string[] resources) =>
        $$"""{"Version":"1","Statement":[{"Effect":"Allow","Action":["{{string.Join("\",\"", actions)}}"],"Resource":["{{string.Join("\",\"", resources.Select(r => "acs:oss:*:*:" + r))}}"]}]}""";

    private static string UrlV1(string path, WireKey key, DateTimeOffset end)
    {
        var expires = end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var mac = HMACSHA1.HashData(Encoding.UTF8.GetBytes(key.Secret), Encoding.UTF8.GetBytes($"GET\n\n\n{expires}\n{path}?security-token={key.Token}"));
        return $"{path}?OSSAccessKeyId={key.Id}&Expires={expires}&Signature={Uri.EscapeDataString(Convert.ToBase64String(mac))}&security-token={Uri.EscapeDataString(key.Token!)}";
    }

    private static string UrlV4(string path, WireKey key, DateTimeOffset now)
    {
        var (date, time) = (now.ToString("yyyyMMdd", CultureInfo.InvariantCulture), now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        var scope = $"{date}/cn-hangzhou/oss/aliyun_v4_request";
        var query = $"x-oss-credential={Uri.EscapeDataString($"{key.Id}/{scope}")}&x-oss-date={time}&x-oss-expires=21600"
            + $"&x-oss-security-token={Uri.EscapeDataString(key.Token!)}&x-oss-signature-version=OSS4-HMAC-SHA256";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"GET\n{path}\n{query}\n\n\nUNSIGNED-PAYLOAD")));
        var signing = Encoding.UTF8.GetBytes("aliyun_v4" + key.Secret);
        foreach (var step in scope.Split('/'))
            signing = HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(step));

        var mac = HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes($"OSS4-HMAC-SHA256\n{time}\n{scope}\n{hash}"));
        return $"{path}?{query}&x-oss-signature={Convert.ToHexStringLower(mac)}";
    }
}

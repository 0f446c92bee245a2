using System.Globalization;
using System.Text.Json;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary>The proof that the emulator is honest: a client that it shares no author with.</summary>
public sealed class NodeSdkSpecs : EmulatorSpecs
{
    [Fact]
    public async Task Aliyuns_own_SDK_finds_what_it_expects_with_both_signatures_and_address_forms()
    {
        await NodeSdk.RestoreAsync();
        var cases = new[] { ("true", "ip"), ("false", "ip"), ("true", "name"), ("false", "name") };
        var walks = await Task.WhenAll(cases.Select(c => NodeSdk.WalkAsync(
            Server.Address.Port.ToString(CultureInfo.InvariantCulture), c.Item1, c.Item2, WireClient.AccessKeyId, WireClient.Secret)));
        foreach (var (walk, name) in walks.Zip(cases))
        {
            using var said = JsonDocument.Parse(walk);
            Check(said.RootElement, name.ToString());
        }

        Server.Requests.Snapshot().Select(e => e.Signature).Distinct()
            .Should().Contain([SignatureForm.V4Header, SignatureForm.V1Header, SignatureForm.V4Url, SignatureForm.V1Url]);
        Server.Requests.Snapshot().Should().NotContain(e => e.Status >= 500);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Aliyuns_own_SDK_gets_a_role_and_is_held_to_its_policy(string authorizationV4)
    {
        await NodeSdk.RestoreAsync();
        var walk = await NodeSdk.RunScriptAsync(
            "sts.js", Server.Address.Port.ToString(CultureInfo.InvariantCulture), authorizationV4, WireClient.AccessKeyId, WireClient.Secret, EmulatorRole.DefaultArn);
        using var said = JsonDocument.Parse(walk);
        said.RootElement.GetRawText().Should().Be(
            """
            {"temporary":true,"put":200,"multipart":200,"list":["user/eric/a.txt","user/eric/large.bin"],"otherPrefix":"403 AccessDenied",
            "otherListing":"403 AccessDenied","delete":"403 AccessDenied","get":"403 AccessDenied","otherBucket":"403 AccessDenied",
            "noRole":"404 EntityNotExist.Role","short":"400 InvalidParameter.DurationSeconds","stranger":"400 SignatureDoesNotMatch"}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task Forms_that_Aliyuns_own_SDK_signed_are_taken_and_its_callbacks_made()
    {
        await NodeSdk.RestoreAsync();
        await using var receiver = new CallbackReceiver();
        var run = await NodeSdk.PostAsync(
            Server.Address.Port.ToString(CultureInfo.InvariantCulture), receiver.Authority, WireClient.AccessKeyId, WireClient.Secret);
        using var said = JsonDocument.Parse(run);
        string Json(string property) => said.RootElement.GetProperty(property).GetRawText();

        (Json("form"), Json("otherKey"), Json("got")).Should().Be(("""{"status":204,"text":""}""", "403", "\"hello oss\""));
        Json("formV4").Should().Be("""{"status":200,"text":""}""");
        Json("callbacks").Should().Be("""[{"status":200,"data":{"Status":"OK"}},{"status":200,"data":{"Status":"OK"}}]""");
        foreach (var called in new[] { await receiver.NextAsync(), await receiver.NextAsync() })
            (called.Target, called.Text).Should().Be(("/called?by=node", "object=called&size=9&who=alice"));

        Server.Requests.Snapshot().Select(e => e.Signature).Should().Contain([SignatureForm.V1Form, SignatureForm.V4Form]);
    }

    private static void Check(JsonElement said, string name)
    {
        string Json(string property) => said.GetProperty(property).GetRawText();
        string? Text(string property, string member) => said.GetProperty(property).GetProperty(member).ToString();

        Text("put", "status").Should().Be("200", name);
        Text("put", "crc").Should().MatchRegex("^[0-9]+$");
        Text("putStream", "status").Should().Be("200", name);
        (Text("get", "text"), Text("get", "type"), Text("get", "cache")).Should().Be(("hello oss", "text/plain", "max-age=60"), name);
        Json("head").Should().Be("""{"status":200,"meta":{"author":"alice"}}""", name);
        Text("meta", "length").Should().Be("140000", name);
        said.GetProperty("copy").GetString().Should().Be("hello oss", name);
        Text("multipart", "etag").Should().MatchRegex("^\"[0-9A-F]{32}-3\"$", name);
        Text("multipart", "same").Should().Be("True", name);
        Json("list").Should().Be("""{"names":["copy.txt","large.bin"],"truncated":true,"owner":true}""", name);
        said.GetProperty("listV2").EnumerateArray().Select(n => n.GetString()).Should().Equal("copy.txt", "large.bin", "stream.bin", "图片 1+!'()*.txt");
        Json("url").Should().Be("""{"status":200,"text":"hello oss","signed":true}""", name);
        Json("missing").Should().Be("""{"status":404,"code":"NoSuchKey"}""", name);
        Json("wrong").Should().Be("""{"status":403,"code":"SignatureDoesNotMatch"}""", name);
        (Json("delete"), Json("deleteMulti"), Json("left")).Should().Be(("204", "3", "0"), name);
    }
}

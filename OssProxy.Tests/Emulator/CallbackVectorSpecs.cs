using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator.Callbacks;

namespace OssProxy.Tests.Emulator;

/// <summary>The text that is signed is the one that published signatures are of.</summary>
public sealed class CallbackVectorSpecs
{
    public static TheoryData<string> Ids()
    {
        var ids = new TheoryData<string>();
        foreach (var item in Cases())
            ids.Add(item.GetProperty("id").GetString()!);

        return ids;
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_text_of_a_callback_is_that_of_the_vector_and_its_signature_holds_only_where_it_should(string id)
    {
        var item = Cases().Single(c => c.GetProperty("id").GetString() == id);
        string Text(string name) => item.GetProperty(name).GetString()!;

        var target = CallbackTarget.Parse("http://app.example" + Text("requestTarget"));
        var text = CallbackCall.StringToSign(target!, Encoding.UTF8.GetBytes(Text("body")));
        Encoding.UTF8.GetString(text).Should().Be(Text("stringToSign"));
        target!.Url.PathAndQuery.Should().Be(Text("requestTarget"));

        // Of the hostile key URLs the signature itself is good.
        using var key = RSA.Create();
        key.ImportFromPem(Text("publicKeyPem"));
        key.VerifyData(text, Convert.FromBase64String(Text("authorization")), HashAlgorithmName.MD5, RSASignaturePadding.Pkcs1)
            .Should().Be(item.GetProperty("expected").GetBoolean() || item.TryGetProperty("decodedPubKeyUrl", out _));
    }

    [Theory]
    [InlineData("89504E470D0A1A0A0000000D49484452000001400000 00F0", "png", 320, 240)]
    [InlineData("474946383961 4001 F000 80", "gif", 320, 240)]
    [InlineData("474946383761 0100 0100 80", "gif", 1, 1)]
    [InlineData("FFD8 FFE0 0004 0000 FF FFDB 0003 00 FFC2 0011 08 00F0 0140 03 0000000000000000", "jpg", 320, 240)]
    [InlineData("FFD8 FFC4 0004 0000 FFC0 0011 08 0001 0002 03", "jpg", 2, 1)]
    [InlineData("FFD8 FFE0 FFFF 0000", null, 0, 0)]
    [InlineData("FFD8 0000 0000 0000 0000 0000 0000", null, 0, 0)]
    [InlineData("89504E47", null, 0, 0)]
    [InlineData("", null, 0, 0)]
    [InlineData("FFD8", null, 0, 0)]
    public async Task A_picture_tells_its_size_in_its_first_bytes(string hex, string? format, int width, int height)
    {
        var image = await ImageHeader.ReadAsync(new MemoryStream(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))), WireClient.Deadline);
        image.Should().Be(format is null ? null : new ImageHeader(format, width, height));
    }

    private static List<JsonElement> Cases() =>
        [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "callback.json"))).RootElement.GetProperty("cases").EnumerateArray()];
}

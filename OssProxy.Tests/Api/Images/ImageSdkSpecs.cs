using System.Net;
using System.Text.Json;
using OssProxy.Tests.Emulator;

namespace OssProxy.Tests.Api.Images;

/// <summary>Addresses that Aliyun's SDK has signed, with their host and bucket changed for ours.</summary>
public sealed class ImageSdkSpecs
{
    [Fact]
    public async Task Aliyuns_sdk_signs_addresses_that_are_good_here()
    {
        await NodeSdk.RestoreAsync();
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("目录/a b.jpg");

        var said = await NodeSdk.RunScriptAsync(
            "sign.js", "https://oss-cn-hangzhou.aliyuncs.com", ApiServer.Bucket, "目录/a b.jpg", "image/resize,w_31|image/quality,q_80");

        foreach (var signed in JsonDocument.Parse(said).RootElement.EnumerateObject())
        {
            var url = signed.Value.GetString()!;
            using var answer = await house.GetAsync("/img" + url[url.IndexOf('/', "https://".Length)..]);
            answer.StatusCode.Should().Be(HttpStatusCode.OK, "{0}: {1}", url, await answer.Content.ReadAsStringAsync());
        }

        house.Renderer.Calls.Should().Be(1);
    }
}

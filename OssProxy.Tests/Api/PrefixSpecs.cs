using System.Net;

namespace OssProxy.Tests.Api;

/// <summary>A prefix of one's own, written with slashes at its ends as people do.</summary>
public sealed class PrefixSpecs : ApiSpecs
{
    protected override (string Key, string Value)[] Settings => [("Uploads:Prefix", "/shop/photos_1/")];

    [Fact]
    public async Task Objects_lie_below_it_and_the_server_is_ready()
    {
        var answer = await PostAsync("/api/chat/uploadAliyun", new Form().File("img", "a.jpg", Samples.Photo));
        using var ready = await Server.Client.GetAsync("/readyz");

        answer.ShouldBeOk();
        answer.Row.GetProperty("path").GetString().Should().StartWith("shop/photos_1/2");
        ready.StatusCode.Should().Be(HttpStatusCode.OK);
    }
}

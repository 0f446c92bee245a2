using System.Net;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>Signed URLs to read with where they are signed with V1, which does not tell <c>&amp;</c> in a value from the one between two.</summary>
public sealed class V1ReadLinkSpecs(V1House house) : IClassFixture<V1House>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);

    [Fact]
    public async Task A_name_may_hold_what_parts_parameters()
    {
        var (_, token) = await house.UserAsync();
        var put = await house.PresignAsync(new { file_name = "Tom & Jerry.jpg", size = Photo.Length }, token);
        using var stored = await house.PutAsync(put, Photo);
        var id = (await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)).Data.GetProperty("id").GetInt64();

        var links = await house.PostAsync("/oss/presign/read", new { ids = new[] { id }, disposition = "attachment", cache_control = "private, max-age=60" }, token);

        links.ShouldBeOk();
        var url = GrantHouse.Text(links.Data[0], "url");
        url.Should().Contain("Signature=").And.NotContain("x-oss-signature");
        using var read = await house.Server.Client.GetAsync(new Uri(url));
        read.StatusCode.Should().Be(HttpStatusCode.OK);
        read.Content.Headers.GetValues("Content-Disposition").Single().Should().Be("attachment; filename*=UTF-8''Tom%20%26%20Jerry.jpg");
        read.Headers.CacheControl!.ToString().Should().Be("max-age=60, private");
    }

    [Theory]
    [InlineData("a?response-content-type=text%2Fhtml.jpg", 0)]
    [InlineData("a&b.jpg", 1)]
    public async Task A_key_that_reads_like_a_query_has_no_link(string name, int links)
    {
        var (_, token) = await house.UserAsync();
        var policy = await house.PolicyAsync(token: token);
        var key = GrantHouse.Text(policy, "dir") + name;
        using var stored = await house.PostFormAsync(policy, Photo, key);
        var id = (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token)).Data.GetProperty("id").GetInt64();

        var answer = await house.PostAsync("/oss/presign/read", new { ids = new[] { id } }, token);

        answer.ShouldBeOk();
        answer.Data.GetArrayLength().Should().Be(links);
    }
}

/// <summary>A house that signs with V1.</summary>
public sealed class V1House : GrantHouse
{
    protected override (string Key, string Value)[] Settings => [("Oss:Signature", "v1")];
}

using System.Globalization;
using System.Net;
using System.Text.Json;
using OssProxy.Tests.Api;
using OssProxy.Tests.Grants;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Goods;

/// <summary>A server on which users publish what they have uploaded, as the first mini-programs do: fetch a policy, post the file to the
/// store, make the address out of host and key, publish. Nothing is confirmed in between.</summary>
public class GoodsHouse : GrantHouse
{
    private int _names;

    internal static byte[] Photo { get; } = Samples.PhotoOf(4000);

    /// <summary>Uploads a photo by a policy, and makes its address like the client.</summary>
    internal async Task<(string Url, string Key)> UploadAsync(string token, string query = "", string name = "photo.jpg")
    {
        var policy = await PolicyAsync(query, token);
        var key = KeyIn(policy, name);
        using var posted = await PostFormAsync(policy, Photo, key);
        posted.StatusCode.Should().Be(HttpStatusCode.NoContent, "it is the only status that the client takes for success");
        return ($"{Text(policy, "host")}/{key}", key);
    }

    /// <summary>A key that nobody has, in the folder of a policy.</summary>
    internal string KeyIn(JsonElement policy, string name = "photo.jpg") =>
        Text(policy, "dir") + string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _names)}-{name}");

    internal Task<Answer> PublishAsync(string token, params string[] urls) =>
        PostAsync("/goods/publish", new { title = "a chair", price = 12.5, imgs = string.Join(',', urls) }, token);

    /// <summary>How many goods somebody has.</summary>
    internal async Task<long> CountAsync(string token) =>
        (await GetAsync("/goods/mine", token)).Data.GetProperty("totalCount").GetInt64();

    internal async Task DeleteImageAsync(long id, string token) =>
        (await PostAsync(string.Create(CultureInfo.InvariantCulture, $"/api/me/files/{id}/delete"), null, token)).ShouldBeOk();

    internal static long Id(JsonElement element) => element.GetProperty("id").GetInt64();
}

/// <summary>The same, with PostgreSQL.</summary>
public sealed class PostgresGoodsHouse(PostgresServer server) : GoodsHouse
{
    internal override async Task<ApiServer> StartAsync() => await ApiServer.StartAsync(
        ("Records:Provider", "postgres"), ("Records:ConnectionString", await server.NewSchemaAsync(CancellationToken.None)));
}

/// <summary>The same on the local disk, where the gateway takes the forms.</summary>
public sealed class DiskGoodsHouse : GoodsHouse
{
    protected override (string Key, string Value)[] Settings => [("Storage:Provider", "local"), ("Oss:Endpoint", ""), ("Oss:Bucket", "")];
}

/// <summary>The same where every address has a domain of its own.</summary>
public sealed class DomainsGoodsHouse : GoodsHouse
{
    protected override (string Key, string Value)[] Settings =>
    [
        ("Oss:PublicBaseUrl", "https://cdn.example.com/img"), ("Grants:Host", "https://post.example.com"),
        ("Grants:GatewayUrl", "https://api.example.com/v1/oss/gateway"), ("Local:PublicBaseUrl", "https://files.example.com"),
    ];
}

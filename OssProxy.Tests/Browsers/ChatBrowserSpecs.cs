using System.Text.Json;
using OssProxy.Tests.Api;
using OssProxy.Tests.Identity;

namespace OssProxy.Tests.Browsers;

/// <summary>A chat client's page (H5) that comes from an address of its own, and what its browser lets it send and read.</summary>
public sealed class ChatBrowserSpecs(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Upload = """
        async ([address, token, photo]) => {
          const form = new FormData();
          form.append('img', new File([Uint8Array.from(atob(photo), one => one.charCodeAt(0))], '头像.jpg', { type: 'image/jpeg' }));
          try {
            const response = await fetch(address, { method: 'POST', body: form, headers: token ? { token } : {}, credentials: 'include' });
            return JSON.stringify({ status: response.status, requestId: response.headers.get('x-request-id'), body: await response.json() });
          } catch (error) {
            return JSON.stringify({ status: 0, body: { errorCode: error.name } });
          }
        }
        """;

    [Fact]
    public async Task A_page_of_a_listed_origin_uploads_with_its_users_token_and_reads_every_answer_and_no_other_page_does()
    {
        await using var site = await OtherSite.StartAsync("<!doctype html><title>chat</title>");
        await using var server = await ApiServer.StartAsync(("Server:CorsOrigins", site.Far), ("Guests:Allowed", "false"));
        var token = await new TokenMaker(server).MakeAsync(TokenCase.UserSession);
        await using var visit = await chromium.VisitAsync();

        await visit.Page.GotoAsync(site.Far);
        var stored = await UploadAsync(token);
        var missing = await UploadAsync(null);
        var wrong = await UploadAsync("no-token-of-ours");
        await visit.Page.GotoAsync(site.Near);
        var unlisted = await UploadAsync(token);

        stored.GetProperty("status").GetInt32().Should().Be(200);
        stored.GetProperty("requestId").GetString().Should().NotBeNullOrEmpty();
        stored.GetProperty("body").GetProperty("data")[0].GetProperty("url").GetString().Should().EndWith(".jpg");
        Code(missing).Should().Be("401 TokenMissing");
        Code(wrong).Should().Be("401 TokenInvalid");
        Code(unlisted).Should().Be("0 TypeError", "the browser asked first, and did not send it");
        (await server.ObjectsAsync()).Should().HaveCount(1);

        async Task<JsonElement> UploadAsync(string? sent)
        {
            string?[] given = [new Uri(server.Address, "/api/chat/uploadAliyun").ToString(), sent, Convert.ToBase64String(Samples.Photo)];
            var text = await visit.Page.EvaluateAsync<string>(Upload, given);
            return JsonDocument.Parse(text).RootElement;
        }
    }

    private static string Code(JsonElement answer) =>
        $"{answer.GetProperty("status").GetInt32()} {answer.GetProperty("body").GetProperty("errorCode").GetString()}";
}

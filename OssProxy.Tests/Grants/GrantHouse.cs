using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OssProxy.Core.Grants;
using OssProxy.Core.Identity;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>A server that lets clients go to its store, and what such clients do. One for the tests of a class: each makes users and classes of
/// its own.</summary>
public class GrantHouse : IAsyncLifetime
{
    private ApiServer? _server;
    private int _names;

    internal ApiServer Server => _server!;

    internal RecordsDatabase Database => Server.Services.GetRequiredService<RecordsDatabase>();

    /// <summary>What this house configures.</summary>
    protected virtual (string Key, string Value)[] Settings => [];

    public async Task InitializeAsync() => _server = await StartAsync();

    public virtual async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>What every house has: deletions soon, so that nobody waits for them.</summary>
    internal static (string Key, string Value) Quick { get; } = ("Reconciliation:PollInterval", "00:00:00.2");

    internal virtual Task<ApiServer> StartAsync() => ApiServer.StartAsync([Quick, .. Settings]);

    /// <summary>A user of their own, signed in.</summary>
    internal async Task<(long Id, string Token)> UserAsync()
    {
        var id = await Database.WriteAsync(
            WriteScope.Statement,
            session => session.ScalarAsync<long>("INSERT INTO app_user (name, status, create_time) VALUES ('li', 1, 0) RETURNING id"),
            CancellationToken.None);
        var grant = await Server.Services.GetRequiredService<Sessions>().BeginAsync(SessionKind.User, id, "phone", CancellationToken.None);
        return (id, grant.Token.Reveal());
    }

    internal async Task<long> ClassAsync(string policy)
    {
        var classes = Server.Services.GetRequiredService<ImageClasses>();
        var name = string.Create(CultureInfo.InvariantCulture, $"class {Interlocked.Increment(ref _names)}");
        var created = await classes.CreateAsync(new ClassDraft { Name = name }, CancellationToken.None);
        await classes.SetPolicyAsync(created.Id, policy, CancellationToken.None);
        return created.Id;
    }

    internal Task SetPolicyAsync(long classId, string policy) =>
        Server.Services.GetRequiredService<ImageClasses>().SetPolicyAsync(classId, policy, CancellationToken.None);

    internal Task<Answer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, null, token);

    internal Task<Answer> PostAsync(string path, object? body, string? token = null) => SendAsync(HttpMethod.Post, path, body, token);

    internal async Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? token)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (token is not null)
            request.Headers.Add("token", token);
        using var response = await Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>A form's grant as its holder knows it.</summary>
    internal async Task<JsonElement> PolicyAsync(string query = "", string? token = null)
    {
        var answer = await GetAsync("/oss/policy" + query, token);
        answer.ShouldBeOk();
        return answer.Data;
    }

    /// <summary>Posts a form: what the grant says has to be sent, changed as a test likes, and then the file.</summary>
    /// <param name="key">The key where the grant leaves it open.</param>
    internal async Task<HttpResponseMessage> PostFormAsync(
        JsonElement policy, byte[] file, string? key = null, Action<List<KeyValuePair<string, string>>>? change = null, string type = "image/jpeg")
    {
        var fields = policy.GetProperty("fields").EnumerateObject().Select(field => KeyValuePair.Create(field.Name, field.Value.GetString()!)).ToList();
        if (key is not null)
            fields.Insert(0, KeyValuePair.Create("key", key));
        change?.Invoke(fields);
        return await PostFormAsync(policy.GetProperty("host").GetString()!, fields, file, type);
    }

    internal async Task<HttpResponseMessage> PostFormAsync(
        string host, IEnumerable<KeyValuePair<string, string>> fields, byte[] file, string type = "image/jpeg")
    {
        var form = new Form();
        foreach (var (name, value) in fields)
            form.Field(name, value);
        form.File("file", "photo.jpg", file, type);
        using var content = form.ToContent();
        return await Server.Client.PostAsync(new Uri(host), content);
    }

    /// <summary>Puts a file where a signed URL says.</summary>
    internal async Task<HttpResponseMessage> PutAsync(JsonElement put, byte[] file, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, put.GetProperty("url").GetString()) { Content = new ByteArrayContent(file) };
        foreach (var header in put.GetProperty("headers").EnumerateObject())
        {
            if (!request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString()))
                request.Content.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
        }

        change?.Invoke(request);
        return await Server.Client.SendAsync(request);
    }

    /// <summary>A signed URL for one file.</summary>
    internal async Task<JsonElement> PresignAsync(object body, string? token = null)
    {
        var answer = await PostAsync("/oss/presign", body, token);
        answer.ShouldBeOk();
        return answer.Row;
    }

    internal Task<Answer> ConfirmAsync(string? grant, string? key = null, string? token = null) =>
        PostAsync("/oss/confirm", new { grant, key }, token);

    /// <summary>Has the keeper look at what is due, once.</summary>
    internal Task KeepAsync() =>
        Server.Services.GetServices<IHostedService>().OfType<GrantKeeper>().Single().RoundAsync(CancellationToken.None);

    /// <summary>Lets a grant run out, and if wished the time in which an upload may still end, too.</summary>
    internal async Task ExpireAsync(string grant, bool altogether)
    {
        var back = altogether ? TimeSpan.FromDays(2) : TimeSpan.Zero;
        var expired = TimeProvider.System.GetUtcNow() - back - TimeSpan.FromSeconds(1);
        await Database.WriteAsync(
            WriteScope.Statement,
            session => session.ExecuteAsync(
                "UPDATE upload_grant SET expires_at = @At, due_at = 0 WHERE token = @Token",
                new { At = expired.ToUnixTimeMilliseconds(), Token = grant }),
            CancellationToken.None);
    }

    /// <summary>How many stored rows there are of a key.</summary>
    internal Task<long> RowsOfAsync(string key) => CountAsync("SELECT count(*) FROM image WHERE path = @Key AND state = 'stored' AND deleted_at IS NULL", key);

    internal Task<long> GrantsOfAsync(string token) => CountAsync("SELECT count(*) FROM upload_grant WHERE token = @Key", token);

    /// <summary>Whoever sees to deletions removes what is not wanted, soon.</summary>
    internal Task ShouldBeGoneAsync(string key) => Eventually.TrueAsync(async () => !await HasObjectAsync(key), $"{key} is gone");

    internal async Task<bool> HasObjectAsync(string key) => (await Server.ObjectsAsync()).Contains(key);

    /// <summary>Whether the store holds parts of a key that were neither joined nor aborted.</summary>
    internal async Task<bool> HasPartsAsync(string key)
    {
        await foreach (var _ in Server.Services.GetRequiredService<OssClient>().Multipart.ListUploadsAsync(key, CancellationToken.None))
            return true;
        return false;
    }

    /// <summary>An object as anybody reads it.</summary>
    internal async Task<HttpContentHeaders> HeadAsync(string url)
    {
        using var response = await Server.Client.GetAsync(new Uri(url));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return response.Content.Headers;
    }

    internal static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    /// <summary>The document of a policy.</summary>
    internal static JsonElement Document(JsonElement policy)
    {
        using var document = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(Text(policy, "policy"))));
        return document.RootElement.Clone();
    }

    private Task<long> CountAsync(string sql, string key) =>
        Database.ReadAsync(session => session.ScalarAsync<long>(sql, new { Key = key }), CancellationToken.None);
}

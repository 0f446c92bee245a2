using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Identity;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>A server with accounts, and how one signs in there.</summary>
public abstract class AccountSpecs : ApiSpecs
{
    internal const string Password = "correct horse battery";

    private static readonly Lazy<Secret> Hash = new(() => ApiServer.Passwords.Hash(new Secret(Password)));

    internal static PlainName Named(string text) => PlainName.TryParse(text, out var name) ? name : throw new FormatException(text);

    internal Task<long> NewAccountAsync(string name) => NewAccountAsync(Server, name);

    internal static async Task<long> NewAccountAsync(ApiServer server, string name) =>
        (await server.Services.GetRequiredService<Accounts>().CreateAsync(Named(name), Hash.Value, CancellationToken.None))!.Value;

    internal Task<Answer> SignInAsync(string name, string password, string path = "/api/console/session") =>
        SignInAsync(Server, name, password, path);

    internal static async Task<Answer> SignInAsync(ApiServer server, string name, string password, string path = "/api/console/session")
    {
        using var body = Json(new { username = name, password, device = "test" });
        using var response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), body);
        return await Answer.ReadAsync(response);
    }

    internal async Task<string> TokenAsync(string name) => (await SignInAsync(name, Password)).Data.GetProperty("token").GetString()!;

    internal async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    internal Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    internal async Task<IReadOnlyList<string>> AuditAsync()
    {
        var (entries, _) = await Server.Services.GetRequiredService<AuditTrail>().ListAsync(1, CancellationToken.None);
        return [.. entries.Reverse().Select(entry => $"{entry.Event.Action} {entry.Event.Actor} {entry.Event.Subject}".Replace("  ", " ", StringComparison.Ordinal))];
    }

    internal static StringContent Json(object body) => new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

    internal static StringContent Encoded(string fields) => new(fields, Encoding.UTF8, "application/x-www-form-urlencoded");

    internal static void ShouldBeRefused(Answer answer) => answer.ShouldFail((int)HttpStatusCode.Forbidden, "OriginRefused");
}

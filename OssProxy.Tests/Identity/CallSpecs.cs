using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>A server and its callers.</summary>
public abstract class CallSpecs : ApiSpecs
{
    protected const string Chat = "/api/chat/uploadAliyun";

    protected override (string Key, string Value)[] Settings => TokenMaker.Settings;

    internal TokenMaker Tokens => new(Server);

    internal Task<Answer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token);

    internal async Task<Answer> SendAsync(HttpMethod method, string path, string? token = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.Add("token", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    internal async Task<Answer> UploadAsync(string? token, string path = Chat, params (string Name, string Value)[] headers) => await PostAsync(
        path, new Form().File("img", "a.jpg", Samples.Photo), [.. headers, .. token is null ? Array.Empty<(string, string)>() : [("token", token)]]);

    /// <summary>Whose the file is that was stored last, and who sent it.</summary>
    internal async Task<(string Owner, string CreatedBy)> LastRowAsync()
    {
        var rows = await Server.Services.GetRequiredService<RecordsDatabase>().ReadAsync(
            session => session.QueryAsync<Row>("SELECT owner AS Owner, created_by AS CreatedBy FROM image ORDER BY id DESC LIMIT 1"),
            CancellationToken.None);
        return (rows[0].Owner, rows[0].CreatedBy);
    }

    private sealed record Row(string Owner, string CreatedBy);
}

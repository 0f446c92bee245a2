using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Records;
using OssProxy.Core.Streams;

namespace OssProxy.Tests.Api;

/// <summary>One server for the tests of a class, and how its answers are read.</summary>
public abstract class ApiSpecs : IAsyncLifetime
{
    private ApiServer? _server;

    internal ApiServer Server => _server!;

    /// <summary>What this class configures.</summary>
    protected virtual (string Key, string Value)[] Settings => [];

    public async Task InitializeAsync() => _server = await ApiServer.StartAsync(Settings);

    public async Task DisposeAsync() => await Server.DisposeAsync();

    internal async Task<Answer> PostAsync(string path, Form form, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form.ToContent() };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>A class that takes uploads.</summary>
    /// <param name="policy">Its policy in JSON; null for one that inherits everything.</param>
    protected async Task<long> NewClassAsync(string name = "photos", string? policy = null)
    {
        var classes = Server.Services.GetRequiredService<ImageClasses>();
        var created = await classes.CreateAsync(new ClassDraft { Name = name }, CancellationToken.None);
        if (policy is not null)
            await classes.SetPolicyAsync(created.Id, policy, CancellationToken.None);
        return created.Id;
    }

    /// <summary>Nothing of the request is left: no object, no row, no spool file.</summary>
    protected async Task NothingShouldRemainAsync()
    {
        await Eventually.TrueAsync(
            async () => await Server.RowsAsync() is { Pending: 0, Stored: 0 }
                && (await Server.ObjectsAsync()).Count == 0 && Server.SpoolFiles().Count == 0
                && !StoreContents.HasParts(Server.Folder) && Server.Services.GetRequiredService<BufferBudget>().HeldBytes == 0,
            "no object, no part, no row, no spool file, no buffer");
    }
}

/// <summary>An answer in the envelope.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body, string? RequestId, string Text)
{
    public JsonElement Data => Body.GetProperty("data");

    public string Message => Body.GetProperty("msg").GetString()!;

    public string? ErrorCode => Body.TryGetProperty("errorCode", out var code) ? code.GetString() : null;

    /// <summary>The first row of an array of rows.</summary>
    public JsonElement Row => Data[0];

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        var text = await response.Content.ReadAsStringAsync();
        using var document = JsonDocument.Parse(text);
        return new Answer(
            response.StatusCode, document.RootElement.Clone(),
            response.Headers.TryGetValues("X-Request-Id", out var ids) ? ids.Single() : null, text);
    }

    public void ShouldBeOk()
    {
        Status.Should().Be(HttpStatusCode.OK, Text);
        Body.GetProperty("code").GetInt32().Should().Be(200);
        Message.Should().Be("ok");
    }

    public void ShouldFail(int status, string code)
    {
        ((int)Status).Should().Be(status, Text);
        Body.GetProperty("code").GetInt32().Should().Be(status);
        ErrorCode.Should().Be(code);
        Message.Should().NotBeNullOrWhiteSpace();
        Data.GetString().Should().Be(Message, "some clients show data and some msg");
        Body.GetProperty("requestId").GetString().Should().NotBeNullOrEmpty();
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Api.Hosting;
using OssProxy.Core.Oss;
using OssProxy.Core.Sts;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Identity;

namespace OssProxy.Tests.Sts;

/// <summary>Inside a function of the platform, and where somebody only claims to be it.</summary>
public sealed class FunctionSpecs
{
    private static readonly string[] Names = ["x-fc-access-key-id", "x-fc-access-key-secret", "x-fc-security-token"];

    [Theory]
    [InlineData(OssCredentialsKind.Function)]
    [InlineData(OssCredentialsKind.Key)]
    public async Task The_headers_are_gone_before_anybody_sees_them(OssCredentialsKind kind)
    {
        using var own = Own(kind);
        IHeaderDictionary? seen = null;
        var middleware = new FunctionHeaders(
            context =>
            {
                seen = context.Request.Headers;
                return Task.CompletedTask;
            },
            own);
        var context = Request("STS.fc", "fc-secret", "fc-token");
        context.Request.Headers["x-fc-request-id"] = "stays";
        await middleware.InvokeAsync(context);

        seen!.Keys.Should().Equal("x-fc-request-id");
        var credentials = await own.Store.GetAsync(CancellationToken.None);
        credentials.AccessKeyId.Should().Be(kind == OssCredentialsKind.Function ? "STS.fc" : "LTAI-KEY");
    }

    [Theory]
    [InlineData("STS.fc", "fc-secret", null)]
    [InlineData("STS.fc", null, "fc-token")]
    [InlineData(null, "fc-secret", "fc-token")]
    [InlineData("STS.fc", "", "fc-token")]
    [InlineData("STS.fc", "fc secret", "fc-token")]
    [InlineData("STS.fc", "fc-secret", "令牌")]
    public async Task What_is_not_all_there_is_ignored(string? id, string? secret, string? token)
    {
        using var own = Own(OssCredentialsKind.Function);
        await new FunctionHeaders(_ => Task.CompletedTask, own).InvokeAsync(Request("STS.good", "good-secret", "good-token"));
        var context = Request(id, secret, token);
        await new FunctionHeaders(_ => Task.CompletedTask, own).InvokeAsync(context);

        context.Request.Headers.Keys.Should().NotContain(Names);
        (await own.Store.GetAsync(CancellationToken.None)).AccessKeyId.Should().Be("STS.good");
    }

    [Fact]
    public async Task The_environment_tells_the_first_and_a_request_the_next()
    {
        using var own = Own(OssCredentialsKind.Function, new()
        {
            ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = "STS.env",
            ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "env-secret",
            ["ALIBABA_CLOUD_SECURITY_TOKEN"] = "env-token",
        });
        var first = await own.Store.GetAsync(CancellationToken.None);
        first.AccessKeyId.Should().Be("STS.env");
        own.Store.Discard(first).Should().BeFalse("nobody has told others");

        own.Function!.Offer("STS.fc", "fc-secret", "fc-token").Should().BeTrue();
        own.Store.Discard(first).Should().BeTrue();
        (await own.Store.GetAsync(CancellationToken.None)).AccessKeyId.Should().Be("STS.fc");
        own.Function.ToString().Should().Contain("STS.fc").And.NotContain("fc-secret").And.NotContain("fc-token");
    }

    [Fact]
    public async Task Before_anything_is_told_there_is_nothing_to_sign_with()
    {
        using var own = Own(OssCredentialsKind.Function);
        var get = async () => await own.Store.GetAsync(CancellationToken.None);

        (await get.Should().ThrowAsync<OssTransportException>()).Which.Error.Should().Be(OssTransportError.CredentialsRefused);
    }

    [Fact]
    public async Task A_function_uploads_with_what_the_request_has_brought()
    {
        await using var server = await StartAsync(
            ("Oss:Credentials", "function"), ("Oss:AccessKeyId", ""), ("Oss:AccessKeySecret", ""), ("Logging:LogLevel:Default", "Trace"));
        var spoken = new SpokenLines();
        server.Services.GetRequiredService<ILoggerFactory>().AddProvider(spoken);

        (await UploadAsync(server)).Should().Be(HttpStatusCode.BadGateway);
        (await UploadAsync(server, "STS.fc", "fc-secret-text", "fc-token-text")).Should().Be(HttpStatusCode.OK);
        (await UploadAsync(server)).Should().Be(HttpStatusCode.OK);
        spoken.HasSaid("fc-secret-text").Should().BeFalse();
        spoken.HasSaid("fc-token-text").Should().BeFalse();
    }

    [Fact]
    public async Task Outside_a_function_an_attackers_headers_change_nothing()
    {
        await using var server = await StartAsync(("Logging:LogLevel:Default", "Trace"));
        var spoken = new SpokenLines();
        server.Services.GetRequiredService<ILoggerFactory>().AddProvider(spoken);

        (await UploadAsync(server, "STS.evil", "evil-secret-text", "evil-token-text")).Should().Be(HttpStatusCode.OK);
        server.Emulator.Requests.Snapshot().Should().Contain(entry => entry.Operation == OssOperation.PutObject);
        spoken.HasSaid("evil-secret-text").Should().BeFalse();
        spoken.HasSaid("STS.evil").Should().BeFalse();
    }

    private static async Task<ApiServer> StartAsync(params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-function-").FullName;
        var options = ApiServer.EmulatorOptions(Path.Combine(folder, "oss"));
        options.Credentials.Add(new EmulatorCredential { AccessKeyId = "STS.fc", AccessKeySecret = "fc-secret-text", SecurityToken = "fc-token-text" });
        return await ApiServer.StartAsync(await EmulatorServer.StartAsync(options, CancellationToken.None), folder, settings);
    }

    private static async Task<HttpStatusCode> UploadAsync(ApiServer server, params string[] told)
    {
        using var form = new Form().File("file", "a.jpg", Samples.Photo).ToContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat/uploadAliyun") { Content = form };
        foreach (var (name, value) in Names.Zip(told))
            request.Headers.Add(name, value);
        using var response = await server.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static DefaultHttpContext Request(string? id, string? secret, string? token)
    {
        var context = new DefaultHttpContext();
        foreach (var (name, value) in Names.Zip([id, secret, token]))
        {
            if (value is not null)
                context.Request.Headers[name] = value;
        }

        return context;
    }

    private static OwnCredentials Own(OssCredentialsKind kind, Dictionary<string, string>? environment = null) => new(
        new OssOptions { Endpoint = "oss-cn-hangzhou.aliyuncs.com", Bucket = "photos", AccessKeyId = "LTAI-KEY", AccessKeySecret = "key-secret", Credentials = kind },
        new StsOptions(), name => environment?.GetValueOrDefault(name), TimeProvider.System, NullLoggerFactory.Instance);
}

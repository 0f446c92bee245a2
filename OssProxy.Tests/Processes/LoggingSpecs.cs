using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OssProxy.Api.Hosting;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>What is logged, and in which shape.</summary>
public sealed class LoggingSpecs : ProcessSpecs
{
    [Fact]
    public async Task In_production_every_line_is_one_object_of_json()
    {
        var lines = await LinesOfOneUploadAsync("Production");

        lines.Should().Contain(line => line.Contains("images/", StringComparison.Ordinal));
        lines.Should().AllSatisfy(line => JsonDocument.Parse(line).RootElement.ValueKind.Should().Be(JsonValueKind.Object));
    }

    [Fact]
    public async Task In_development_lines_are_for_people()
    {
        var lines = await LinesOfOneUploadAsync("Development");

        lines.Should().Contain(line => line.Contains("images/", StringComparison.Ordinal));
        lines.Should().AllSatisfy(line => line.Should().NotStartWith("{"));
    }

    [Theory]
    [InlineData("", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning)]
    [InlineData("", "Microsoft.Hosting.Lifetime", LogLevel.Information)]
    [InlineData("", "OssProxy.Core", LogLevel.Information)]
    [InlineData("", "Npgsql.Command", LogLevel.Warning)]
    [InlineData("Default=Fatal", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical)]
    [InlineData("Default=Fatal", "Microsoft.Hosting.Lifetime", LogLevel.Critical)]
    [InlineData("=Error", "System.Net.Http", LogLevel.Error)]
    [InlineData("Default=Debug", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning)]
    [InlineData("Override:Microsoft=Debug", "Microsoft.Hosting.Lifetime", LogLevel.Debug)]
    [InlineData("Override:Microsoft.Hosting=Error", "Microsoft.Hosting.Lifetime", LogLevel.Error)]
    [InlineData("Override:Microsoft.Hosting=Error", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning)]
    public void The_framework_is_as_quiet_as_it_is_told_to_be(string setting, string source, LogLevel least)
    {
        var builder = WebApplication.CreateBuilder();
        if (setting.Split('=') is [var key, var value])
        {
            var path = key.Length > 0 ? "Serilog:MinimumLevel:" + key : "Serilog:MinimumLevel";
            builder.Configuration.AddInMemoryCollection([KeyValuePair.Create(path, (string?)value)]);
        }

        builder.AddSerilog();
        using var services = builder.Services.BuildServiceProvider();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(source);

        Enum.GetValues<LogLevel>().Where(level => level != LogLevel.None && log.IsEnabled(level)).Min().Should().Be(least);
    }

    private async Task<IReadOnlyList<string>> LinesOfOneUploadAsync(string environment)
    {
        var settings = Settings();
        settings["ASPNETCORE_ENVIRONMENT"] = environment;
        await using var server = await ServerProcess.StartAsync(settings, Folder);
        using var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(20) };
        using var content = new Form().File("img", "a.jpg", Samples.PhotoOf(10_000)).ToContent();
        using var answer = await client.PostAsync(new Uri("/api/chat/uploadAliyun", UriKind.Relative), content);
        answer.IsSuccessStatusCode.Should().BeTrue();
        server.Terminate();
        await server.ExitAsync();
        server.ExitCode.Should().Be(0);
        return server.StandardOutput;
    }
}

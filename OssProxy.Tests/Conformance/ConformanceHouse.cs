using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Tests.Api;
using OssProxy.Tests.Browsers;

namespace OssProxy.Tests.Conformance;

/// <summary>With the distribution's libvips, which knows HEIC.</summary>
public sealed class DistributionHouse : ConformanceHouse
{
    protected override Task<string> LibraryAsync() => Task.FromResult(VipsLibraries.Distribution);

    internal override string? Lacks(ConformanceCase one) => null;
}

/// <summary>With the single file that has no decoder for HEVC.</summary>
public sealed class SingleFileHouse : ConformanceHouse
{
    protected override Task<string> LibraryAsync() => VipsLibraries.SingleFileAsync();

    internal override string? Lacks(ConformanceCase one) => one.Source.StartsWith("heic", StringComparison.Ordinal) || one.Id == "format-heic-from-jpg" ? "NotImplemented" : null;
}

/// <summary>A server with one of the libraries, the sources in its bucket, and a browser that looks at what comes.</summary>
public abstract class ConformanceHouse : IAsyncLifetime
{
    private readonly Chromium _chromium = new();
    private ApiServer? _server;
    private BrowserVisit? _visit;
    private PictureJudge? _judge;

    internal PictureJudge Judge => _judge!;

    public async Task InitializeAsync()
    {
        (string Key, string Value)[] styles = [.. ConformanceCase.Styles.Select(style => ($"Images:Styles:{style.Key}", style.Value))];
        _server = await ApiServer.StartAsync([("Images:Library", await LibraryAsync()), .. styles]);
        var store = _server.Services.GetRequiredService<ObjectStores>().Main.Store;
        foreach (var source in ConformanceCase.All.Select(one => one.Source).Append("panda.png").Distinct())
        {
            if (ConformanceCase.FileOf(source) is not { } file)
                continue;
            // Whatever a client has called it: content decides.
            await using var body = File.OpenRead(file);
            var content = new ObjectContent { Body = body, Length = body.Length, ContentType = "image/jpeg" };
            await store.PutAsync(ObjectKey.Parse(source), content, CancellationToken.None);
        }

        await _chromium.InitializeAsync();
        (_visit, _judge) = await PictureJudge.AtAsync(_chromium, _server.Address);
    }

    public async Task DisposeAsync()
    {
        if (_visit is not null)
            await _visit.DisposeAsync();
        await _chromium.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    protected abstract Task<string> LibraryAsync();

    /// <summary>What the answer (501) says of a case that this library cannot do; null when it can.</summary>
    internal abstract string? Lacks(ConformanceCase one);

    internal long LengthOf(string source) => new FileInfo(ConformanceCase.FileOf(source)!).Length;

    /// <summary>Asks as the holder of a signed URL.</summary>
    internal async Task<(HttpStatusCode Status, string? Type, byte[] Body)> GetAsync(string source, string process)
    {
        var client = _server!.Services.GetRequiredService<OssClient>();
        var terms = new OssUrlTerms { Query = [KeyValuePair.Create("x-oss-process", process)] };
        var signed = await client.Presigner.SignAsync(HttpMethod.Get, ObjectKey.Parse(source), TimeSpan.FromMinutes(5), terms, CancellationToken.None);
        using var response = await _server.Client.GetAsync($"/img/{source}{signed.OriginalString[signed.OriginalString.IndexOf('?', StringComparison.Ordinal)..]}");
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>The same picture without its watermark, written anew like the one with it; one that cannot be seen changes nothing.</summary>
    internal async Task<byte[]> WithoutMarkAsync(ConformanceCase one)
    {
        var rest = string.Join('/', one.Process.Split('/').Where(action => !action.StartsWith("watermark", StringComparison.Ordinal)));
        return (await GetAsync(one.Source, rest == "image" ? one.Id == "wm-image-t0" ? "image/auto-orient,1" : "image/quality,q_100" : rest)).Body;
    }
}

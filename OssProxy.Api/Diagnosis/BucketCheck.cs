using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Diagnosis;

/// <summary>Does to the bucket what an upload does, with a tiny object that is removed again, and tells endpoint, region, clock, rights and
/// public access apart.</summary>
internal sealed class BucketCheck(OssClient client, NamedStore main, UploadFolder prefix, Report report)
{
    private static readonly TimeSpan NoticeableSkew = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PublicTimeout = TimeSpan.FromSeconds(10);

    // Below the prefix of the uploads, because a careful operator grants no more.
    private readonly ObjectKey _key = ObjectKey.Parse($"{prefix}/.ossproxy-doctor-{Guid.NewGuid():N}.txt");
    private readonly byte[] _content = Encoding.ASCII.GetBytes("ossproxy doctor " + RandomNumberGenerator.GetHexString(16));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await DescribeAsync(cancellationToken);
        if (!await StepAsync("上传", "PutObject 成功，校验和一致", PutAsync, cancellationToken))
        {
            await RemoveWhatMayBeLeftAsync(cancellationToken);
            return;
        }

        await StepAsync("查询", "HeadObject 成功", HeadAsync, cancellationToken);
        await StepAsync("下载", "GetObject 成功，内容一致", GetAsync, cancellationToken);
        await OpenPublicUrlAsync(cancellationToken);
        await StepAsync("删除", "DeleteObject 成功", token => main.Store.DeleteAsync(_key, token), cancellationToken);
        CheckClock();
    }

    // The answer may have been lost on the way back.
    private async Task RemoveWhatMayBeLeftAsync(CancellationToken cancellationToken)
    {
        try
        {
            await main.Store.DeleteAsync(_key, cancellationToken);
        }
        catch (StoreException failure)
        {
            report.Note($"{_key} 未能删除（{failure.Error}）；如果它存在，可以手工删除。");
        }
    }

    private void CheckClock()
    {
        if (client.MeasuredClockOffset is not { } offset)
            report.Warn("时钟", "OSS 的应答没有写明时间，无法核对；请确认本机已启用 NTP 校时。");
        else if (offset.Duration() > NoticeableSkew)
            report.Warn("时钟", $"本机时间与 OSS 相差 {offset:c}（超过 15 分钟会被拒绝，届时自动校正签名）；请启用 NTP 校时。");
        else
            report.Good("时钟", "与 OSS 相差不到 1 分钟");
    }

    private async Task DescribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var bucket = await client.Bucket.DescribeAsync(cancellationToken);
            var region = OssEndpoint.NormalizeRegion(bucket.Location ?? "");
            if (client.Endpoint.Region is { } named && region.Length > 0 && named != region)
                report.Bad("地域", $"Bucket {bucket.Name} 在 {region}，而 Oss:Endpoint 指向 {named}。请改为 oss-{region}.aliyuncs.com，并同步修改 Oss:Region。");
            else
                report.Good("Bucket", $"{bucket.Name}，地域 {(region.Length > 0 ? region : "未知")}，读写权限 {bucket.Acl ?? "未知"}");
        }
        catch (OssException failure) when (failure.Status == 403 && failure.Endpoint is null && failure.Code == "AccessDenied")
        {
            // A key that may only write objects is a good key.
            report.Warn("Bucket", "没有 oss:GetBucketInfo 权限，跳过地域核对（不影响上传）。");
        }
        catch (Exception failure) when (failure is OssException or OssTransportException)
        {
            report.Bad("Bucket", Advice.For(failure));
        }
    }

    private Task PutAsync(CancellationToken cancellationToken) => main.Store.PutAsync(
        _key,
        new ObjectContent { Body = new MemoryStream(_content), Length = _content.Length, ContentType = "text/plain" },
        cancellationToken);

    private async Task HeadAsync(CancellationToken cancellationToken)
    {
        if (await main.Store.HeadAsync(_key, cancellationToken) is not { } found || found.Length != _content.Length)
            throw new StoreException(StoreError.StoreFailed, "The object is not there as it was put.");
    }

    private async Task GetAsync(CancellationToken cancellationToken)
    {
        await using var reading = await main.Store.OpenAsync(_key, range: null, cancellationToken)
            ?? throw new StoreException(StoreError.StoreFailed, "The object is not there.");
        var content = new MemoryStream();
        await reading.Body.CopyToAsync(content, cancellationToken);
        if (!content.ToArray().AsSpan().SequenceEqual(_content))
            throw new StoreException(StoreError.ChecksumMismatch, "The content differs.");
    }

    private async Task<bool> StepAsync(string title, string good, Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step(cancellationToken);
            report.Good(title, good);
            return true;
        }
        catch (StoreException failure)
        {
            report.Bad(title, Advice.For(failure.InnerException ?? failure));
            return false;
        }
    }

    // What the clients will do with the URL of a record.
    private async Task OpenPublicUrlAsync(CancellationToken cancellationToken)
    {
        var url = main.Links.For(_key);
        using var http = new HttpClient { Timeout = PublicTimeout };
        try
        {
            using var response = await http.GetAsync(new Uri(url), cancellationToken);
            if (response.IsSuccessStatusCode)
                report.Good("公开访问", $"记录里的 url 可以打开（{new Uri(url).GetLeftPart(UriPartial.Authority)}）");
            else if ((int)response.StatusCode == 403)
                report.Warn("公开访问", "匿名访问被拒绝（403）：Bucket 是私有的。若客户端要直接打开 url，请设为公共读，或用 Oss:PublicBaseUrl 指向有回源权限的 CDN。");
            else
                report.Warn("公开访问", $"打开 {url} 得到 {(int)response.StatusCode}，请检查 Oss:PublicBaseUrl。");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            report.Warn("公开访问", $"打开 {url} 失败（{failure.Message}），请检查 Oss:PublicBaseUrl、域名解析和证书。");
        }
    }
}

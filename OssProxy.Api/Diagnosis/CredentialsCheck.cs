using System.Globalization;
using OssProxy.Core.Oss;
using OssProxy.Core.Sts;

namespace OssProxy.Api.Diagnosis;

/// <summary>Tells whose credentials sign, fetches them where they are temporary, and tries what clients would be given.</summary>
internal sealed class CredentialsCheck(OssOptions oss, StsOptions sts, OwnCredentials own, ClientCredentials clients, Report report)
{
    private const string Title = "凭证";

    /// <summary>False when there are none: nothing else about OSS can be looked at then.</summary>
    public async Task<bool> RunAsync(string prefix, CancellationToken cancellationToken)
    {
        try
        {
            var credentials = await own.Store.GetAsync(cancellationToken);
            report.Good(Title, $"{Source()}（{credentials.AccessKeyId}）{End(credentials)}");
        }
        catch (OssTransportException failure)
        {
            report.Bad(Title, $"{Source()}：{Advice.For(failure.InnerException ?? failure)}");
            return false;
        }

        if (clients.IsConfigured)
            await TryClientsAsync(prefix, cancellationToken);
        return true;
    }

    private async Task TryClientsAsync(string prefix, CancellationToken cancellationToken)
    {
        try
        {
            var given = await clients.ForAsync("doctor", oss.Bucket, prefix, cancellationToken);
            report.Good("客户端凭证", $"可以扮演 {sts.RoleArn}，{Until(given.ExpiresAt)}");
        }
        catch (StsException failure)
        {
            report.Bad("客户端凭证", Advice.For(failure));
        }
    }

    private string Source() => oss.Credentials switch
    {
        OssCredentialsKind.Role => $"扮演角色 {sts.RoleArn}",
        OssCredentialsKind.Ecs => "ECS 实例的 RAM 角色",
        OssCredentialsKind.Function => "函数计算的执行角色",
        _ => "配置里的 AccessKey",
    };

    private static string End(OssCredentials credentials) => credentials switch
    {
        { ExpiresAt: { } end } => $"，{Until(end)}，之前会自动更新",
        { SecurityToken: not null } => "，是临时凭证，到期时间未知",
        _ => "，长期有效",
    };

    private static string Until(DateTimeOffset end) => string.Create(CultureInfo.InvariantCulture, $"到 {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC 为止");
}

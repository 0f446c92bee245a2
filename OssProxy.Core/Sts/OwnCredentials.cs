using Microsoft.Extensions.Logging;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>Whose credentials sign for OSS, and whose for STS, by <c>Oss:Credentials</c>. Made once; ends with the process.</summary>
public sealed class OwnCredentials : IDisposable
{
    private readonly CredentialLine? _line;

    /// <param name="setting">A variable of the environment by its name; null where there is none.</param>
    public OwnCredentials(OssOptions oss, StsOptions sts, Func<string, string?> setting, TimeProvider time, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger<OwnCredentials>();
        StsClient AssumedBy(IOssCredentialsSource caller) => new(
            sts, StsOptionsValidator.RegionOf(oss),
            sts.AccessKeyId.Length > 0 ? new OssKey(new OssCredentials(sts.AccessKeyId, sts.AccessKeySecret, null)) : caller,
            time, loggers.CreateLogger<StsClient>());

        var key = new OssKey(oss);
        switch (oss.Credentials)
        {
            case OssCredentialsKind.Role:
                var client = AssumedBy(key);
                Store = new RenewedCredentials(
                    () => client.AssumeRoleAsync(new RoleRequest(sts.Duration, Policy: null), CancellationToken.None), time, log);
                Sts = client;
                break;
            case OssCredentialsKind.Ecs:
                _line = new CredentialLine(sts.Timeout, time);
                Store = new RenewedCredentials(new MachineRole(new Uri(oss.MetadataUrl), oss.RoleName, _line, time).ObtainAsync, time, log);
                Sts = AssumedBy(Store);
                break;
            case OssCredentialsKind.Function:
                Function = new FunctionCredentials();
                Function.Offer(
                    setting("ALIBABA_CLOUD_ACCESS_KEY_ID"), setting("ALIBABA_CLOUD_ACCESS_KEY_SECRET"), setting("ALIBABA_CLOUD_SECURITY_TOKEN"));
                Store = Function;
                Sts = AssumedBy(Function);
                break;
            default:
                Store = key;
                Sts = AssumedBy(key);
                break;
        }
    }

    /// <summary>What requests to OSS are signed with.</summary>
    public IOssCredentialsSource Store { get; }

    /// <summary>Who gives temporary credentials.</summary>
    public StsClient Sts { get; }

    /// <summary>Where the platform's credentials go; null where they are not used.</summary>
    public FunctionCredentials? Function { get; }

    public void Dispose()
    {
        Sts.Dispose();
        _line?.Dispose();
    }
}

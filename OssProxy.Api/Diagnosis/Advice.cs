using OssProxy.Core.Oss;
using OssProxy.Core.Sts;

namespace OssProxy.Api.Diagnosis;

/// <summary>What to do about a failure of the store, in words for the person at the keyboard.</summary>
internal static class Advice
{
    /// <summary>One or two sentences: what happened, what to change.</summary>
    public static string For(Exception failure) => failure switch
    {
        OssException { Code: "SignatureDoesNotMatch" } => "签名不匹配：Oss:AccessKeySecret 不正确，或与 Oss:AccessKeyId 不是一对。" + Trace(failure),
        OssException { Code: "InvalidAccessKeyId" } => "OSS 不认识 Oss:AccessKeyId：请检查是否抄错、已删除或已禁用。" + Trace(failure),
        OssException { Code: "InvalidSecurityToken" or "SecurityTokenExpired" or "AccessKeyIdAndSecurityTokenNotMatch" } =>
            "临时凭证无效或已过期：请更新 Oss:SecurityToken 及与之成对的 Oss:AccessKeyId、Oss:AccessKeySecret。" + Trace(failure),
        OssException { Code: "RequestTimeTooSkewed" } => "本机时间与 OSS 相差超过 15 分钟：请启用 NTP 校时。" + Trace(failure),
        OssException { Code: "NoSuchBucket" } => "Bucket 不存在：请检查 Oss:Bucket 的拼写，以及 Oss:Endpoint 是否为该 Bucket 所在地域。" + Trace(failure),
        OssException { Endpoint: { } right } => $"Bucket 不在这个地域：请把 Oss:Endpoint 改为 {right}，并同步修改 Oss:Region。" + Trace(failure),
        OssException { Code: "PublicEndpointForbidden" } =>
            "该账号不能用公网默认域名访问数据：请为 Bucket 绑定自定义域名（Oss:Endpoint 填该域名），或在同地域使用 -internal 内网域名。" + Trace(failure),
        OssException { Code: "AccessDenied" } => "没有权限：请在 RAM 中为该 AccessKey 授予此 Bucket 的 oss:PutObject、oss:GetObject、oss:DeleteObject、oss:AbortMultipartUpload、oss:ListMultipartUploads。" + Trace(failure),
        OssException { Code: "UserDisable" or "InDebt" } => "账号已欠费或被停用：请登录阿里云控制台处理。" + Trace(failure),
        OssException { Code: "InvalidArgument", EC: "0002-00000226" or "0002-00000227" or "0002-00000228" } =>
            "签名里的地域不正确：请检查 Oss:Region（如 cn-hangzhou）是否与 Oss:Endpoint 一致。" + Trace(failure),
        OssException refused => $"OSS 返回 {refused.Status} {refused.Code}：{refused.Text}" + Trace(failure),
        OssTransportException { Error: OssTransportError.TimedOut } => "OSS 没有响应：请检查网络、防火墙，或适当调大 Oss:IdleTimeout。",
        OssTransportException { Error: OssTransportError.Unreachable } unreachable =>
            $"连不上 OSS：请检查 Oss:Endpoint、域名解析、网络和防火墙。（{unreachable.Message}）",
        OssTransportException { Error: OssTransportError.ChecksumMismatch } => "数据在途中被改动（校验和不一致）：请检查中间的代理或网络设备。",
        OssTransportException { Error: OssTransportError.CredentialsRefused } none =>
            $"没有可用的凭证：函数需要有执行角色，函数计算以外的环境请改用其他 Oss:Credentials。（{none.Message}）",
        StsException { Error: StsError.StsDenied } denied =>
            $"发放临时凭证的一方拒绝访问：请检查 AccessKey、服务器时间，以及它有没有扮演该角色的权限（sts:AssumeRole）和角色的信任策略；主账号不能扮演角色。（{denied.Message}）",
        StsException { Error: StsError.StsMisconfigured } wrong =>
            $"角色有误：请检查 Sts:RoleArn、Sts:ExternalId，以及 Sts:Duration 是否超过角色的最大会话时间；ECS 上请检查实例是否绑定了 RAM 角色、Oss:RoleName 是否正确。（{wrong.Message}）",
        StsException { Error: StsError.StsUnavailable or StsError.StsTimedOut } away =>
            $"连不上发放临时凭证的一方：请检查网络、Sts:Endpoint（ECS 上是 Oss:MetadataUrl）和 Sts:Timeout。（{away.Message}）",
        OssTransportException unreadable => $"对方的回答不是 OSS 的格式：Oss:Endpoint 可能指向了别的服务。（{unreadable.Message}）",
        _ => failure.Message,
    };

    private static string Trace(Exception failure) =>
        failure is OssException { RequestId: { } id } oss ? $"（EC {oss.EC ?? "无"}，RequestId {id}）" : "";
}

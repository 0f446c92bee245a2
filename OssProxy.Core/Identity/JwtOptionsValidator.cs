using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>Refuses keys that protect nothing or cannot work, and claims that contradict each other. Tells the setting, never its value.</summary>
public sealed class JwtOptionsValidator : IValidateOptions<AuthOptions>
{
    // A token that names no key is tried with all of its algorithm.
    private const int MostKeys = 16;

    private const string Section = AuthOptions.Section + ":" + nameof(AuthOptions.Jwt);

    private static readonly TimeSpan WidestSkew = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var faults = Faults(options.Jwt).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(JwtOptions options)
    {
        if (options.Keys.Count > MostKeys)
            yield return $"{Section}:Keys 最多 {MostKeys} 把：没有写 kid 的令牌要逐把验证。请去掉已停用的。";
        for (var i = 0; i < options.Keys.Count; i++)
        {
            // A null in a settings file is a key of which nothing is said.
            if (VerificationKey.Of(options.Keys[i] ?? new JwtKey()).Fault is { } fault)
                yield return $"{Section}:Keys:{i}:{Text(fault)}";
        }

        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > WidestSkew)
            yield return $"{Section}:ClockSkew 必须在 00:00:00 到 00:10:00 之间。";
        if (options.SubjectClaim.Length == 0)
            yield return $"{Section}:SubjectClaim 不能为空：没有它就分不清是谁的文件。默认是 id，其他后端常用 sub。";
        if (options.AdminRoles.Length > 0 && options.RoleClaim.Length == 0)
            yield return $"{Section}:RoleClaim 不能为空：配置了 AdminRoles，就要说明角色在哪个声明里。";
        if (JwtClaims.Roles(options.AdminRoles).Overlaps(JwtClaims.Roles(options.GuestRoles)))
            yield return $"{Section}:AdminRoles 和 GuestRoles 不能有相同的角色：同一个角色不能既是管理员又是游客。";
    }

    private static string Text(JwtKeyFault fault) => fault switch
    {
        JwtKeyFault.AlgorithmUnknown => "Algorithm 只能是 HS256、HS384、HS512、RS256 或 ES256，区分大小写。",
        JwtKeyFault.SecretTooShort =>
            $"Secret 至少要 {VerificationKey.ShortestSecret} 个字符，建议 32 个以上：太短的可以从任何一个令牌猜出来。可用 openssl rand -hex 32 生成，并同时改签发令牌的后端。",
        JwtKeyFault.SecretIsPem => "Secret 不能是 PEM：公钥人人可得，谁都能用它签出令牌。非对称的密钥请写在 PublicKey，Algorithm 用 RS256 或 ES256。",
        JwtKeyFault.SecretUnused => "Secret 必须留空：RS256 和 ES256 只用 PublicKey。",
        JwtKeyFault.PublicKeyUnused => "PublicKey 必须留空：HS256、HS384 和 HS512 只用 Secret。",
        JwtKeyFault.PublicKeyUnreadable =>
            "PublicKey 必须是一个 PEM 格式的公钥（-----BEGIN PUBLIC KEY-----），种类与 Algorithm 相符；证书请先用 openssl x509 -pubkey -noout 取出公钥。",
        JwtKeyFault.KeyIsPrivate => "PublicKey 里是私钥：私钥只应留在签发令牌的后端。请用 openssl pkey -pubout 取出公钥，并考虑更换这对密钥。",
        JwtKeyFault.RsaTooShort => "PublicKey 的 RSA 密钥至少要 2048 位。",
        JwtKeyFault.CurveWrong => "PublicKey 的曲线必须是 P-256（prime256v1）。",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, message: null),
    };
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Identity;

/// <summary>
/// A mini-program of Alipay: <c>alipay.system.oauth.token</c>, signed both ways (RSA2, that is RSA with SHA-256). Only a success that Alipay
/// has signed counts; a failure is believed unsigned, because all it can do is refuse, and because an operator whose keys are wrong is told
/// so that way. Newer apps know a user by <c>open_id</c>, older ones by <c>user_id</c>, some by both: <c>user_id</c> is the same in every app,
/// so it also links, and a user stays who they are while an app changes over.
/// </summary>
internal sealed class AlipayMiniapp : IMiniappProvider
{
    /// <summary>As settings and clients call it.</summary>
    public const string Name = "alipay";

    private const string Method = "alipay.system.oauth.token";
    private const string Response = "alipay_system_oauth_token_response";
    private const string ErrorResponse = "error_response";
    private const string Success = "10000";
    private const int LongestErrorName = 64;

    // Before a user_id that stands in the place of an open_id, so that neither can be taken for the other.
    private const string UserIdMark = "user_id:";

    // China has one time zone, without summer time.
    private static readonly TimeSpan ChinaTime = TimeSpan.FromHours(8);

    private readonly ProviderLine _line;
    private readonly TimeProvider _time;
    private readonly string _address;

    // An RSA object is not for several threads at once; one is made of these for every use.
    private readonly RSAParameters _privateKey;
    private readonly RSAParameters _publicKey;

    /// <param name="entry">Must pass <see cref="MiniappOptionsValidator"/>.</param>
    public AlipayMiniapp(MiniappEntry entry, ProviderLine line, TimeProvider time)
    {
        AppId = entry.AppId;
        _line = line;
        _time = time;
        _address = ProviderLine.Address(entry.BaseUrl, "https://openapi.alipay.com", "/gateway.do");
        _privateKey = RsaKey.Private(entry.PrivateKey) ?? throw new ArgumentException("The private key was not validated.", nameof(entry));
        _publicKey = RsaKey.Public(entry.PublicKey) ?? throw new ArgumentException("The public key was not validated.", nameof(entry));
    }

    public string Provider => Name;

    public string AppId { get; }

    public Task<MiniappIdentity> RedeemAsync(Secret code, CancellationToken cancellationToken) =>
        _line.TalkAsync(this, end => RedeemWithinAsync(code, end), cancellationToken);

    private async Task<MiniappIdentity> RedeemWithinAsync(Secret code, CancellationToken end)
    {
        using var request = Request(code);
        var answer = await _line.AskAsync(this, request, end);
        if (answer.Member(ErrorResponse) is { } error)
            throw Refusal(error);
        if (answer.Member(Response) is not { } response)
            throw answer.Failure(IdentityError.ProviderFailed, "no response to the method");
        if (response.Has("code") && response.Text("code") != Success)
            throw Refusal(response);
        if (!IsSigned(response.Raw, answer.Text("sign")))
            throw answer.Failure(IdentityError.ProviderFailed, "not signed with the key that is configured as Alipay's public key");

        var userId = response.Id("user_id");
        return response.Identity(response.Id("open_id") ?? (userId is null ? null : UserIdMark + userId), userId);
    }

    // The common parameters go into the address, the method's own into the body; the signature is over all of them.
    private HttpRequestMessage Request(Secret code)
    {
        var common = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["app_id"] = AppId,
            ["method"] = Method,
            ["format"] = "JSON",
            ["charset"] = "utf-8",
            ["sign_type"] = "RSA2",
            ["timestamp"] = _time.GetUtcNow().ToOffset(ChinaTime).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            ["version"] = "1.0",
        };
        var own = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code.Reveal(),
        };

        // Values as they are, not as they are written in an address.
        var text = string.Join('&', common.Concat(own).OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}"));
        using var rsa = RSA.Create(_privateKey);
        common["sign"] = Convert.ToBase64String(rsa.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        var query = string.Join('&', common.Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}"));
        return new HttpRequestMessage(HttpMethod.Post, new Uri($"{_address}?{query}")) { Content = new FormUrlEncodedContent(own) };
    }

    private bool IsSigned(ReadOnlySpan<byte> bytes, string? signature)
    {
        var decoded = new byte[signature?.Length ?? 0];
        if (!Convert.TryFromBase64String(signature ?? "", decoded, out var length))
            return false;
        using var rsa = RSA.Create(_publicKey);
        return rsa.VerifyData(bytes, decoded.AsSpan(0, length), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static IdentityException Refusal(ProviderAnswer answer)
    {
        var (code, name) = (answer.Text("code"), answer.Text("sub_code"));
        var meaning = name switch
        {
            // Wrong, too old or used already: it does not say which. The second is the code of another app.
            "isv.code-invalid" or "isv.unmatched-app-id" => IdentityError.CodeInvalid,
            "isv.invalid-app-id" or "isv.missing-app-id" or "isv.invalid-signature" or "isv.missing-signature" or "isv.invalid-signature-type"
                or "isv.missing-signature-type" or "isv.missing-signature-key" or "isv.insufficient-isv-permissions"
                => IdentityError.ProviderMisconfigured,
            "isp.unknow-error" or "aop.unknow-error" => IdentityError.ProviderBusy,
            _ => code == "20000" ? IdentityError.ProviderBusy : IdentityError.ProviderFailed,
        };
        return answer.Failure(meaning, $"code {Told(code)}, sub_code {Told(name)}");
    }

    // Numbers and names of errors look so, and codes of users do not: those mix letters and digits.
    private static string Told(string? text) => text is { Length: <= LongestErrorName } && (text.All(char.IsAsciiDigit) || IsErrorName(text))
        ? text
        : "(none)";

    private static bool IsErrorName(string text) => text.All(letter => char.IsAsciiLetterLower(letter) || letter is '.' or '-');
}

using System.Globalization;
using System.Net;
using System.Text;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>
/// The credentials of the role that is attached to an ECS machine, as its metadata tells them. A session token is asked for first, without
/// which a request that somebody tricks this process into would be answered as well; machines that know no such token are asked without one.
/// (ECS user guide: "Instance RAM roles", "Instance metadata, security-enhanced mode".)
/// </summary>
/// <param name="address">Where the metadata is.</param>
/// <param name="roleName">The role; empty to ask which one.</param>
internal sealed class MachineRole(Uri address, string roleName, CredentialLine line, TimeProvider time)
{
    private const string Roles = "/latest/meta-data/ram/security-credentials/";
    private const string TokenPath = "/latest/api/token";

    // Only for the questions that follow at once.
    private const string TokenSeconds = "60";
    private const int LongestToken = 1024;

    /// <summary>Asks for the credentials of now.</summary>
    /// <exception cref="StsException"><see cref="StsError.StsMisconfigured"/>: no role is attached; and what a talk throws.</exception>
    public Task<TemporaryCredentials> ObtainAsync() =>
        line.TalkAsync($"The machine's metadata at {address.Authority}", AskAsync, CancellationToken.None);

    private async Task<TemporaryCredentials> AskAsync(CancellationToken cancellationToken)
    {
        var token = await TokenAsync(cancellationToken);
        var role = roleName.Length > 0 ? roleName : await RoleAsync(token, cancellationToken);
        var answer = await GetAsync(Roles + role, token, cancellationToken);
        if (JsonAnswer.TryParse(answer.Body) is not { } json || json.Word("Code") is not "Success")
            throw new StsException(StsError.StsUnavailable, $"The machine's metadata holds no credentials of the role {role}.");
        if (json.Credentials() is not { } given || given.ExpiresAt <= time.GetUtcNow())
            throw new StsException(StsError.StsUnavailable, $"The machine's metadata holds no credentials of the role {role} that are good now.");
        return given;
    }

    // Null where the machine knows no tokens.
    private async Task<string?> TokenAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(address, TokenPath));
        CredentialLine.Add(request.Headers, "X-aliyun-ecs-metadata-token-ttl-seconds", TokenSeconds);
        var answer = await line.AskAsync(request, cancellationToken);
        if (answer.Status != (int)HttpStatusCode.OK || answer.Body.Length is 0 or > LongestToken)
            return null;

        var token = Encoding.ASCII.GetString(answer.Body).Trim();
        return token.Length > 0 && token.All(letter => letter is > ' ' and <= '~') ? token : null;
    }

    private async Task<string> RoleAsync(string? token, CancellationToken cancellationToken)
    {
        var answer = await GetAsync(Roles, token, cancellationToken);
        var first = Encoding.ASCII.GetString(answer.Body).Split('\n')[0].Trim();
        return OssOptionsValidator.IsRoleName(first)
            ? first
            : throw new StsException(StsError.StsMisconfigured, "The machine's metadata names no role.");
    }

    private async Task<CredentialAnswer> GetAsync(string path, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        if (token is not null)
            CredentialLine.Add(request.Headers, "X-aliyun-ecs-metadata-token", token);
        var answer = await line.AskAsync(request, cancellationToken);
        return answer.Status switch
        {
            (int)HttpStatusCode.OK => answer,
            >= 400 and < 500 => throw Failure(StsError.StsMisconfigured, answer.Status),
            _ => throw Failure(StsError.StsUnavailable, answer.Status),
        };
    }

    private static StsException Failure(StsError error, int status) => new(error, string.Create(
        CultureInfo.InvariantCulture, $"The machine's metadata answered {status}: no role is attached to the machine, or not this one."));
}

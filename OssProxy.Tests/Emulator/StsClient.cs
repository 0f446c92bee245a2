using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary>Where a call of STS carries its parameters, and how it is signed.</summary>
internal enum StsWire
{
    RpcForm,
    RpcPostQuery,
    RpcGet,
    Acs3,
    Acs3Form,
}

/// <summary>Asks for roles by hand, as <see cref="WireClient"/> asks for objects.</summary>
internal sealed class StsClient(WireClient wire, WireKey key, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <param name="changes">Parameters that are added or replaced; null takes one away.</param>
    public Task<StsReply> AssumeRoleAsync(params (string Name, string? Value)[] changes) => AssumeRoleAsync(StsWire.RpcForm, changes);

    public Task<StsReply> AssumeRoleAsync(StsWire form, params (string Name, string? Value)[] changes)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Action"] = "AssumeRole",
            ["Version"] = "2015-04-01",
            ["RoleArn"] = EmulatorRole.DefaultArn,
            ["RoleSessionName"] = "app-1",
            ["Nonce"] = Guid.NewGuid().ToString("N"),
            ["Timestamp"] = _clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        if (form is StsWire.RpcForm or StsWire.RpcPostQuery or StsWire.RpcGet)
            Common(parameters);

        foreach (var (name, value) in changes)
        {
            if (value is null)
                parameters.Remove(name);
            else
                parameters[name] = value;
        }

        return form is StsWire.Acs3 or StsWire.Acs3Form ? Acs3Async(form, parameters) : RpcAsync(form, parameters);
    }

    /// <summary>The key that a successful call gave.</summary>
    public async Task<WireKey> KeyAsync(string? policy, params (string Name, string? Value)[] changes)
    {
        var reply = await AssumeRoleAsync([.. changes, .. policy is null ? Array.Empty<(string, string?)>() : [("Policy", policy)]]);
        reply.Status.Should().Be(200, reply.Message);
        return reply.Key;
    }

    private void Common(SortedDictionary<string, string> parameters)
    {
        parameters.Remove("Nonce", out var nonce);
        parameters["SignatureNonce"] = nonce!;
        parameters["Format"] = "JSON";
        parameters["SignatureMethod"] = "HMAC-SHA1";
        parameters["SignatureVersion"] = "1.0";
        parameters["AccessKeyId"] = key.Id;
        if (key.Token is { } token)
            parameters["SecurityToken"] = token;
    }

    private async Task<StsReply> RpcAsync(StsWire form, SortedDictionary<string, string> parameters)
    {
        var method = form == StsWire.RpcGet ? "GET" : "POST";
        var all = Join(parameters);
        if (!parameters.ContainsKey("Signature"))
        {
            var mac = HMACSHA1.HashData(Encoding.UTF8.GetBytes(key.Secret + "&"), Encoding.UTF8.GetBytes($"{method}&%2F&{Uri.EscapeDataString(all)}"));
            all += "&Signature=" + Uri.EscapeDataString(Convert.ToBase64String(mac));
        }

        return new(form == StsWire.RpcForm
            ? await wire.SendAsync(method, "/", Encoding.UTF8.GetBytes(all), Signing.None, ("Content-Type", "application/x-www-form-urlencoded"))
            : await wire.SendAsync(method, "/?" + all, method == "POST" ? [] : null, Signing.None));
    }

    private async Task<StsReply> Acs3Async(StsWire form, SortedDictionary<string, string> parameters)
    {
        string Take(string name) => parameters.Remove(name, out var value) ? value : "";
        var (action, version, nonce, time) = (Take("Action"), Take("Version"), Take("Nonce"), Take("Timestamp"));
        var (query, body) = form == StsWire.Acs3 ? (Join(parameters), "") : ("", Join(parameters));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = "sts.cn-hangzhou.aliyuncs.com",
            ["x-acs-action"] = action,
            ["x-acs-version"] = version,
            ["x-acs-date"] = time,
            ["x-acs-signature-nonce"] = nonce,
            ["x-acs-content-sha256"] = hash,
        };
        if (body.Length > 0)
            headers["content-type"] = "application/x-www-form-urlencoded";

        if (key.Token is { } token)
            (headers["x-acs-security-token"], headers["x-acs-accesskey-id"]) = (token, key.Id);

        var names = string.Join(';', headers.Keys);
        var canonical = $"POST\n/\n{query}\n{string.Concat(headers.Select(h => $"{h.Key}:{h.Value}\n"))}\n{names}\n{hash}";
        var text = "ACS3-HMAC-SHA256\n" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Secret), Encoding.UTF8.GetBytes(text)));
        return new(await wire.SendAsync("POST", query.Length == 0 ? "/" : "/?" + query, Encoding.UTF8.GetBytes(body), Signing.None,
        [
            .. headers.Select(h => (h.Key == "host" ? "Host" : h.Key, h.Value)),
            ("Authorization", $"ACS3-HMAC-SHA256 Credential={key.Id},SignedHeaders={names},Signature={signature}"),
        ]));
    }

    private static string Join(SortedDictionary<string, string> parameters) =>
        string.Join('&', parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
}

/// <summary>What STS said.</summary>
internal sealed class StsReply(WireReply wire)
{
    private readonly JsonElement _json = JsonDocument.Parse(wire.Body).RootElement;

    public WireReply Wire => wire;

    public int Status => wire.Status;

    /// <summary>Null on success.</summary>
    public string? Code => Text("Code");

    public string? Message => Text("Message");

    public WireKey Key => new(Credential("AccessKeyId"), Credential("AccessKeySecret"), Credential("SecurityToken"));

    public string Expiration => Credential("Expiration");

    public string? Text(string name) => _json.TryGetProperty(name, out var value) ? value.ToString() : null;

    private string Credential(string name) => _json.GetProperty("Credentials").GetProperty(name).GetString()!;
}

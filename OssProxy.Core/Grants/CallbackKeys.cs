using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OssProxy.Core.Http;

namespace OssProxy.Core.Grants;

/// <summary>
/// The public keys that callbacks are signed with, by their address. Fetched from configured hosts alone, without redirects, proxies or
/// cookies, 16 KiB and three seconds at most, one at a time; kept for a day, and what could not be fetched is not asked for again for a
/// minute, so that nobody who makes up addresses has us ask without end.
/// </summary>
public sealed class CallbackKeys : IDisposable
{
    /// <summary>Most addresses that are remembered.</summary>
    internal const int MostKeys = 16;

    private const string KeyName = "callback_pub_key_v1.pem";
    private const int LargestKey = 16 * 1024;
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromMinutes(1);

    private readonly IReadOnlyList<CallbackKeyHost> _hosts;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    public CallbackKeys(IOptions<GrantOptions> options, TimeProvider time)
    {
        _hosts = CallbackKeyHost.ParseList(options.Value.CallbackKeyHosts) ?? [];
        _time = time;
        _http = SecretiveClient.Create(FetchTimeout, LargestKey);
    }

    /// <summary>The key that an address names.</summary>
    /// <exception cref="GrantException"><see cref="GrantError.CallbackKeyRefused"/>, <see cref="GrantError.CallbackKeyUnavailable"/>.</exception>
    public async Task<RSA> FindAsync(Uri address, CancellationToken cancellationToken)
    {
        // The service numbers its keys. With one digit the addresses that anybody can make up at its host are few, and all of them are
        // remembered.
        var name = address.IsAbsoluteUri ? address.Segments[^1] : "";
        if (name.Length != KeyName.Length || !name.StartsWith(KeyName[..^5], StringComparison.Ordinal) || !name.EndsWith(".pem", StringComparison.Ordinal)
            || !char.IsAsciiDigit(name[^5]) || address.Query.Length > 0)
            throw new GrantException(GrantError.CallbackKeyRefused, "The key's address is not what such addresses look like.");
        var trusted = _hosts.Select(host => host.Accept(address)).FirstOrDefault(uri => uri is not null)
            ?? throw new GrantException(GrantError.CallbackKeyRefused, "The key's address is on no host that is trusted.");
        if (Known(trusted) is { } known)
            return known;

        await _turn.WaitAsync(cancellationToken);
        try
        {
            return Known(trusted) ?? await FetchAsync(trusted);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _turn.Dispose();
    }

    private RSA? Known(Uri address)
    {
        if (!_kept.TryGetValue(address.AbsoluteUri, out var kept) || _time.GetElapsedTime(kept.Since) > (kept.Key is null ? FailureLifetime : KeyLifetime))
            return null;
        return kept.Key ?? throw Unavailable(inner: null);
    }

    // Whoever leaves meanwhile has it fetched for the next.
    private async Task<RSA> FetchAsync(Uri address)
    {
        if (_kept.Count >= MostKeys && !_kept.ContainsKey(address.AbsoluteUri) && !TryForget())
            throw Unavailable(inner: null);

        using var clock = new CancellationTokenSource(FetchTimeout, _time);
        try
        {
            using var response = await _http.GetAsync(address, clock.Token);
            if (!response.IsSuccessStatusCode)
                throw new HttpRequestException($"The key's host answered {(int)response.StatusCode}.");
            var key = RSA.Create();
            key.ImportFromPem(await response.Content.ReadAsStringAsync(clock.Token));
            _kept[address.AbsoluteUri] = new Kept(key, _time.GetTimestamp());
            return key;
        }
        catch (Exception failure)
        {
            _kept[address.AbsoluteUri] = new Kept(Key: null, _time.GetTimestamp());
            throw Unavailable(failure);
        }
    }

    // What failed makes room for what may not, the oldest first; keys stay.
    private bool TryForget() =>
        _kept.Where(pair => pair.Value.Key is null).OrderBy(pair => pair.Value.Since).Take(1).Any(pair => _kept.TryRemove(pair));

    private static GrantException Unavailable(Exception? inner) =>
        new(GrantError.CallbackKeyUnavailable, "The key of the callback cannot be fetched.", inner);

    private sealed record Kept(RSA? Key, long Since);
}

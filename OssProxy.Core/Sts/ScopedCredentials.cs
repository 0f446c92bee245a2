namespace OssProxy.Core.Sts;

/// <summary>Who may do what, for how long: what temporary credentials are kept by. The caller belongs to it, so that nobody is given what was
/// made for somebody else, though both may do the same.</summary>
internal sealed record CredentialScope(string Caller, SessionPolicy Policy, TimeSpan Duration);

/// <summary>
/// The temporary credentials of many scopes, each fetched once while it lives. At most <see cref="MostScopes"/> are kept, the ones used last;
/// of about 4 KB each, most of it the token. Who loses the place fetches anew.
/// </summary>
internal sealed class ScopedCredentials(
    Func<CredentialScope, Task<TemporaryCredentials>> obtain, TimeProvider time, int most = ScopedCredentials.MostScopes)
{
    public const int MostScopes = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<CredentialScope, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();

    /// <summary>How many scopes are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Credentials of a scope that are good now.</summary>
    /// <exception cref="StsException">There are none, and no others could be fetched.</exception>
    public ValueTask<TemporaryCredentials> GetAsync(CredentialScope scope, CancellationToken cancellationToken) =>
        Find(scope).GetAsync(cancellationToken);

    private FreshCredentials Find(CredentialScope scope)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(scope, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Credentials;
            }

            // What has ended lies at the far end, because what is used is renewed.
            while (_byUse.Last is { } last && (_entries.Count >= most || last.Value.Credentials.HasEnded))
            {
                _byUse.RemoveLast();
                _entries.Remove(last.Value.Scope);
            }

            var entry = new Entry(scope, new FreshCredentials(() => obtain(scope), time));
            _entries[scope] = _byUse.AddFirst(entry);
            return entry.Credentials;
        }
    }

    private sealed record Entry(CredentialScope Scope, FreshCredentials Credentials);
}

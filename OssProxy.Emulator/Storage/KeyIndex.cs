using System.Text;

namespace OssProxy.Emulator.Storage;

/// <summary>
/// Objects by key, and the keys in the order of their UTF-8 bytes, which is the order of every listing (and not
/// that of .NET's ordinal comparison once a key leaves the basic plane). Not thread-safe: the bucket locks.
/// </summary>
internal sealed class KeyIndex<T>
    where T : class
{
    private readonly Dictionary<string, T> _byKey = [];
    private readonly SortedSet<byte[]> _order = new(Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));

    public int Count => _byKey.Count;

    public T? Find(string key) => _byKey.GetValueOrDefault(key);

    public void Set(string key, T value)
    {
        _byKey[key] = value;
        _order.Add(Encoding.UTF8.GetBytes(key));
    }

    public bool Remove(string key)
    {
        _order.Remove(Encoding.UTF8.GetBytes(key));
        return _byKey.Remove(key);
    }

    /// <summary>The first entry whose key is greater than <paramref name="position"/>, or equal when <paramref name="inclusive"/>.</summary>
    public T? Next(byte[] position, bool inclusive)
    {
        if (_order.Max is not { } last || position.AsSpan().SequenceCompareTo(last) > 0)
            return null;

        foreach (var key in _order.GetViewBetween(position, last))
        {
            if (inclusive || !key.AsSpan().SequenceEqual(position))
                return _byKey[Encoding.UTF8.GetString(key)];
        }

        return null;
    }
}

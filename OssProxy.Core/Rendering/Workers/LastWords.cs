using System.Text;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What a worker has said on its error output most recently; whatever it writes, no more is kept than
/// <see cref="MostBytes"/>.</summary>
internal sealed class LastWords
{
    /// <summary>Bytes that are kept.</summary>
    public const int MostBytes = 2048;

    private readonly byte[] _tail = new byte[MostBytes];
    private int _length;

    /// <summary>Reads to the end, so that nobody who writes has to wait.</summary>
    public async Task ListenAsync(Stream errors, CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        try
        {
            while (await errors.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                Keep(buffer.AsSpan(0, read));
        }
        catch (Exception end) when (end is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The worker has gone.
        }
    }

    public override string ToString()
    {
        string text;
        lock (_tail)
            text = Encoding.UTF8.GetString(_tail, 0, _length);
        return OneLine(text);
    }

    /// <summary>A stranger's text as one line of a log.</summary>
    public static string OneLine(string text) =>
        string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => string.Concat(line.Select(one => char.IsControl(one) ? ' ' : one))));

    private void Keep(ReadOnlySpan<byte> read)
    {
        lock (_tail)
        {
            var kept = Math.Min(_length, MostBytes - read.Length);
            _tail.AsSpan(_length - kept, kept).CopyTo(_tail);
            read.CopyTo(_tail.AsSpan(kept));
            _length = kept + read.Length;
        }
    }
}

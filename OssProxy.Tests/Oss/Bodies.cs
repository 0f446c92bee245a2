using System.Text;
using OssProxy.Core.Streams;

namespace OssProxy.Tests.Oss;

/// <summary>A body that gives its pieces one by one, each when its step has ended: a phone on a bad line.</summary>
internal sealed class ScriptedBody(params Func<Task<byte[]>>[] steps) : ReadOnlyStream
{
    private int _next;
    private ReadOnlyMemory<byte> _rest;

    /// <summary>Bytes of text as one step.</summary>
    public static Func<Task<byte[]>> Text(string text) => () => Task.FromResult(Encoding.UTF8.GetBytes(text));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (_next == steps.Length)
                return 0;

            _rest = await steps[_next++]().WaitAsync(cancellationToken);
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }
}

/// <summary>What only a body can throw: by its type, no one else's fault.</summary>
internal sealed class PhoneInTunnelException : Exception;

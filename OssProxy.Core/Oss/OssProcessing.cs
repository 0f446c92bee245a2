using System.Globalization;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>What the service makes of an object (<c>x-oss-process</c>).</summary>
/// <param name="Content">All of it.</param>
/// <param name="ContentType">Its media type.</param>
public sealed record OssProcessed(byte[] Content, string ContentType);

/// <summary>Objects as the service processes them.</summary>
public sealed class OssProcessing
{
    private readonly OssTransport _transport;

    internal OssProcessing(OssTransport transport) => _transport = transport;

    /// <summary>GetObject with <c>x-oss-process</c>; null when there is no such object. The result is read whole, because a result that
    /// breaks off could not be told from one that is short where the service does not say its length (docs/oss-assumptions.md
    /// A24).</summary>
    /// <param name="mostBytes">The longest result that is read.</param>
    public async Task<OssProcessed?> GetAsync(ObjectKey key, string process, int mostBytes, CancellationToken cancellationToken)
    {
        try
        {
            return await _transport.SendAsync(
                _transport.Request(HttpMethod.Get, key.Value).With("x-oss-process", process),
                reply => ReadAsync(reply, mostBytes, cancellationToken),
                cancellationToken);
        }
        catch (OssException failure) when (failure is { Status: 404, Code: "NoSuchKey" })
        {
            return null;
        }
    }

    private static async Task<OssProcessed> ReadAsync(OssReply reply, int mostBytes, CancellationToken cancellationToken)
    {
        if (!reply.TellsItsEnd)
            throw new OssTransportException(OssTransportError.AnswerUnreadable, "The result came without its length.");

        using var collected = new MemoryStream((int)Math.Min(reply.ContentLength ?? 0, mostBytes));
        await using var body = reply.Open();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (collected.Length + read > mostBytes)
            {
                throw new OssTransportException(
                    OssTransportError.AnswerUnreadable,
                    string.Create(CultureInfo.InvariantCulture, $"The result is longer than {mostBytes} bytes."))
                {
                    Final = true,
                };
            }

            collected.Write(buffer, 0, read);
        }

        return new OssProcessed(collected.ToArray(), reply.Header("Content-Type") ?? "application/octet-stream");
    }
}

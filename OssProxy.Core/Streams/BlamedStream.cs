namespace OssProxy.Core.Streams;

/// <summary>
/// Gives every failure of reading a body one owner. <paramref name="blame"/> turns what the inner stream throws into an exception that says
/// whose fault it was, or returns null to let it pass. Needed because an <see cref="IOException"/> that a body throws while it is being
/// sent comes out of <see cref="HttpClient"/> as <see cref="HttpRequestException"/>, which looks exactly like a broken store; an exception
/// type of our own comes out unchanged.
/// </summary>
public sealed class BlamedStream(Stream inner, Func<Exception, Exception?> blame) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && blame(failure) is { } blamed)
        {
            throw blamed;
        }
    }
}

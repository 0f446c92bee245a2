namespace OssProxy.Core.Uploads;

/// <summary>A file on its way in.</summary>
/// <param name="Name">What the client calls it; null when it sent no usable name.</param>
/// <param name="Body">Its bytes, once. Fails only with <see cref="UploadException"/>.</param>
public sealed record IncomingFile(OriginalName? Name, Stream Body)
{
    /// <summary>The most bytes that it can have, by what the request announced of itself; null when the request announced nothing.</summary>
    public long? LongestLength { get; init; }

    /// <summary>Ends when it becomes known that the client has gone, for the time in which nothing of its body is read and so nothing can
    /// fail.</summary>
    public CancellationToken ClientLeft { get; init; }
}

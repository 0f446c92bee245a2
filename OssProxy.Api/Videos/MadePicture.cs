using OssProxy.Core.Uploads;

namespace OssProxy.Api.Videos;

/// <summary>A picture that we have made ourselves, as a form of one file: so it walks the way of every upload, and record and object agree.</summary>
/// <param name="letInAt">See <see cref="IIncomingForm.LetInAt"/>.</param>
internal sealed class MadePicture(ReadOnlyMemory<byte> content, long letInAt) : IIncomingForm, IDisposable
{
    private readonly MemoryStream _file = new(content.ToArray(), writable: false);
    private bool _isGiven;

    public long ClassId => 0;

    public long? AnnouncedLength => content.Length;

    public long LetInAt => letInAt;

    public Task<IncomingFile?> NextFileAsync(CancellationToken cancellationToken)
    {
        var next = _isGiven ? null : new IncomingFile(Name: null, _file) { LongestLength = content.Length };
        _isGiven = true;
        return Task.FromResult(next);
    }

    public void GiveTime(TimeSpan? total)
    {
        // It is whole already.
    }

    public void Dispose() => _file.Dispose();
}

using System.Buffers;
using System.Text;
using OssProxy.Core.Streams;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>
/// A <c>multipart/form-data</c> request read part by part as it arrives. Holds the text fields, never a file, and no buffer: bytes are
/// copied once, from where the connection has received them to where the one who reads a file wants them. Every failure comes out as the
/// client's.
/// </summary>
public sealed class UploadForm : IIncomingForm, IDisposable
{
    private const int MaxFieldBytes = 100 * 1024;

    // Fields are kept until the form ends, and thousands of forms may be open.
    private const int MaxFieldsBytes = 128 * 1024;
    private const int MaxFieldNameBytes = 100;

    // Fields, files and the empty parts of file inputs in which nothing was chosen, which are counted nowhere else.
    private const int MaxParts = 256;

    private readonly HttpContext _context;
    private readonly ClientBody _body;
    private readonly FormReader _reader;
    private readonly FormFields _fields = new();
    private int _parts;
    private long _fieldBytes;

    /// <param name="context">The request.</param>
    /// <param name="patience">How long the client is waited for.</param>
    /// <param name="letInAt">See <see cref="LetInAt"/>.</param>
    /// <param name="time">The clock of both.</param>
    /// <exception cref="UploadException">The request is no form.</exception>
    public UploadForm(HttpContext context, ClientPatience patience, long letInAt, TimeProvider time)
    {
        _context = context;
        LetInAt = letInAt;
        var boundary = FormBoundary.Of(context.Request.ContentType);
        _body = new ClientBody(context, patience, time);
        _reader = new FormReader(_body, boundary);
    }

    public long ClassId => _fields.ClassId(_context.Request.Query["imageClassId"]);

    public long? AnnouncedLength => _context.Request.ContentLength;

    public long LetInAt { get; }

    public void GiveTime(TimeSpan? total)
    {
        if (total is { } time)
            _body.GiveTime(time);
    }

    public async Task<IncomingFile?> NextFileAsync(CancellationToken cancellationToken)
    {
        while (await _reader.NextPartAsync(cancellationToken) is { } part)
        {
            if (++_parts > MaxParts)
                throw new UploadException(UploadError.FormTooComplex, $"The form holds more than {MaxParts} parts.");
            if (part.Head.FileName is not { } name)
                await ReadFieldAsync(part.Head.Field, part.Content, cancellationToken);
            else if (await OpenFileAsync(part.Head.Field, name, part.Content, cancellationToken) is { } file)
                return file;
        }

        return null;
    }

    public void Dispose() => _body.Dispose();

    private async Task ReadFieldAsync(string name, Stream body, CancellationToken cancellationToken)
    {
        if (FormFields.IsFileName(name))
            throw new UploadException(UploadError.FormContradictory, "A file field holds text.");
        if (Encoding.UTF8.GetByteCount(name) > MaxFieldNameBytes)
            throw new UploadException(UploadError.FormTooComplex, "A field's name is too long.");

        var value = new ArrayBufferWriter<byte>();
        while (await body.ReadAsync(value.GetMemory(), cancellationToken) is > 0 and var read)
        {
            value.Advance(read);
            _fieldBytes += read;
            if (value.WrittenCount > MaxFieldBytes || _fieldBytes > MaxFieldsBytes)
                throw new UploadException(UploadError.FormTooComplex, "A field is too long.");
        }

        _fields.Add(name, FormText.Of(value.WrittenSpan));
    }

    // Null for the empty part that a browser sends when nothing was chosen.
    private async Task<IncomingFile?> OpenFileAsync(string field, string given, Stream body, CancellationToken cancellationToken)
    {
        if (FormFields.IsTextName(field))
            throw new UploadException(UploadError.FormContradictory, "A text field holds a file.");

        var name = OriginalName.TryParse(given, out var readable) ? readable : null;
        var longest = _body.Rest;
        if (given.Length > 0)
            return new IncomingFile(name, body) { LongestLength = longest, ClientLeft = _context.RequestAborted };

        var first = new byte[1];
        return await body.ReadAsync(first, cancellationToken) == 0
            ? null
            : new IncomingFile(name, new PrefixedStream(first, body)) { LongestLength = longest, ClientLeft = _context.RequestAborted };
    }
}

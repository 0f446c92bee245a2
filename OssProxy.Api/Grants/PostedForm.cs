using System.Buffers;
using System.Text;
using OssProxy.Api.Forms;
using OssProxy.Core.Grants;
using OssProxy.Core.Streams;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Grants;

/// <summary>Judges the fields of a posted form, before a byte of its file is read.</summary>
/// <param name="fields">By name, in lower case.</param>
/// <param name="fileName">The file's own; null when it has none.</param>
internal delegate Task<GatewayAdmission> JudgeForm(IReadOnlyDictionary<string, string> fields, string? fileName, CancellationToken cancellationToken);

/// <summary>A form that was posted to us as it would be to OSS: its fields first, then one file, then nothing. Like <see cref="UploadForm"/> it
/// holds no byte of the file.</summary>
internal sealed class PostedForm : IIncomingForm, IDisposable
{
    private const int MostFields = 64;
    private const int MostFieldBytes = 64 * 1024;
    private const int MostFieldsBytes = 128 * 1024;

    // OSS takes names of 8 KB; the longest that means something has 30 letters.
    private const int LongestName = 100;

    private readonly HttpContext _context;
    private readonly ClientBody _body;
    private readonly FormReader _reader;
    private readonly JudgeForm _judge;
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private GatewayAdmission? _admission;
    private CountedStream? _file;
    private int _fieldBytes;

    public PostedForm(HttpContext context, ClientPatience patience, long letInAt, TimeProvider time, JudgeForm judge)
    {
        _context = context;
        _judge = judge;
        LetInAt = letInAt;
        var boundary = FormBoundary.Of(context.Request.ContentType);
        _body = new ClientBody(context, patience, time);
        _reader = new FormReader(_body, boundary);
    }

    /// <summary>What the fields were let in for; known from the file on.</summary>
    public GatewayAdmission Admission => _admission ?? throw new InvalidOperationException("The form has not been judged yet.");

    public long ClassId => _admission?.Grant.ClassId ?? 0;

    public long? AnnouncedLength => _context.Request.ContentLength;

    public long LetInAt { get; }

    /// <summary>What a field says; null when it is not there.</summary>
    public string? Field(string name) => _fields.GetValueOrDefault(name);

    public void GiveTime(TimeSpan? total)
    {
        if (total is { } time)
            _body.GiveTime(time);
    }

    public async Task<IncomingFile?> NextFileAsync(CancellationToken cancellationToken)
    {
        if (_file is not null)
            return await EndAsync(_file, cancellationToken);

        while (await _reader.NextPartAsync(cancellationToken) is { } part)
        {
            var name = part.Head.Field.ToLowerInvariant();
            if (name == "file")
                return await OpenAsync(part.Head.FileName, part.Content, cancellationToken);
            if (part.Head.FileName is not null)
                throw new GrantException(GrantError.FormFileMisplaced, "A file stands under another name than that of the file.");
            await ReadFieldAsync(name, part.Content, cancellationToken);
        }

        return null;
    }

    public void Dispose() => _body.Dispose();

    // Whatever stands behind the file has not been judged: OSS passes it over, and nobody can tell what its sender meant.
    private async Task<IncomingFile?> EndAsync(CountedStream file, CancellationToken cancellationToken)
    {
        if (await _reader.NextPartAsync(cancellationToken) is not null)
            throw new GrantException(GrantError.FormFileMisplaced, "Something stands behind the file.");
        if (file.Count < Admission.MinBytes)
            throw new GrantException(GrantError.FileTooSmall, $"The file has {file.Count} bytes.");
        return null;
    }

    private async Task<IncomingFile> OpenAsync(string? given, Stream content, CancellationToken cancellationToken)
    {
        var name = OriginalName.TryParse(given, out var readable) ? readable : null;
        _admission = await _judge(_fields, name?.Value, cancellationToken);
        _file = new CountedStream(content);
        return new IncomingFile(name, _file) { LongestLength = _body.Rest, ClientLeft = _context.RequestAborted };
    }

    private async Task ReadFieldAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        if (name.Length > LongestName || _fields.Count == MostFields)
            throw new UploadException(UploadError.FormTooComplex, "A field's name is too long, or there are too many fields.");

        var value = new ArrayBufferWriter<byte>();
        while (await content.ReadAsync(value.GetMemory(), cancellationToken) is > 0 and var read)
        {
            value.Advance(read);
            _fieldBytes += read;
            if (value.WrittenCount > MostFieldBytes || _fieldBytes > MostFieldsBytes)
                throw new UploadException(UploadError.FormTooComplex, "A field is too long.");
        }

        if (!_fields.TryAdd(name, Encoding.UTF8.GetString(value.WrittenSpan)))
            throw new GrantException(GrantError.FormFieldRepeated, "A field comes twice.");
    }

    private sealed class CountedStream(Stream inner) : ReadOnlyStream
    {
        public long Count { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Count += read;
            return read;
        }
    }
}

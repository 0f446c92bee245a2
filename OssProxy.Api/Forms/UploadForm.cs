using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using OssProxy.Core.Streams;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>
/// A <c>multipart/form-data</c> request read part by part as it arrives. Holds one read buffer and the text fields, never a file. Every
/// failure comes out as the client's: the body wears a coat below the reader for what the connection does, and one above it for what the
/// form does.
/// </summary>
public sealed class UploadForm : IIncomingForm, IDisposable
{
    // The transport hands over more than the reader's 4 KiB default at once; copying through a smaller buffer costs half as much again.
    private const int ReadBufferBytes = 64 * 1024;
    private const int MaxPartHeaders = 16;
    private const int MaxPartHeaderBytes = 16 * 1024;
    private const int MaxFieldBytes = 100 * 1024;
    private const int MaxFieldNameBytes = 100;

    // Fields, files and the empty parts of file inputs in which nothing was chosen, which are counted nowhere else.
    private const int MaxParts = 256;

    // What the reader may hold without having found a part or content: its buffer, a preamble and a head.
    private const int MaxReadAheadBytes = ReadBufferBytes + (2 * MaxPartHeaderBytes);

    private readonly HttpContext _context;
    private readonly IdleStream _body;
    private readonly MultipartReader _reader;
    private readonly FormFields _fields = new();
    private readonly ReadAheadLimit _readAhead = new(MaxReadAheadBytes);
    private int _parts;

    /// <param name="context">The request.</param>
    /// <param name="idleTimeout">How long the client may send nothing.</param>
    /// <param name="time">The clock of that.</param>
    /// <exception cref="UploadException">The request is no form.</exception>
    public UploadForm(HttpContext context, TimeSpan idleTimeout, TimeProvider time)
    {
        _context = context;
        var boundary = FormBoundary.Of(context.Request.ContentType);
        _body = new IdleStream(
            context.Request.Body, idleTimeout, time, () => new UploadException(UploadError.ClientIdle, "The client has gone silent."));
        _reader = new MultipartReader(boundary, _readAhead.Below(Coat(_body)), ReadBufferBytes)
        {
            HeadersCountLimit = MaxPartHeaders,
            HeadersLengthLimit = MaxPartHeaderBytes,
        };
    }

    public long ClassId => _fields.ClassId(_context.Request.Query["imageClassId"]);

    public async Task<IncomingFile?> NextFileAsync(CancellationToken cancellationToken)
    {
        while (await NextSectionAsync(cancellationToken) is { } section)
        {
            var head = PartHead.Of(section);
            var body = Coat(_readAhead.Above(section.Body));
            if (head.FileName is null)
                await ReadFieldAsync(head.Field, body, cancellationToken);
            else if (await OpenFileAsync(head.Field, head.FileName, body, cancellationToken) is { } file)
                return file;
        }

        return null;
    }

    public void Dispose() => _body.Dispose();

    private BlamedStream Coat(Stream inner) => new(inner, failure => ClientFault.Of(failure, _context));

    private async Task<MultipartSection?> NextSectionAsync(CancellationToken cancellationToken)
    {
        try
        {
            var section = await _reader.ReadNextSectionAsync(cancellationToken);
            _readAhead.Reset();
            return section is null || ++_parts <= MaxParts
                ? section
                : throw new UploadException(UploadError.FormTooComplex, $"The form holds more than {MaxParts} parts.");
        }
        catch (Exception failure) when (ClientFault.Of(failure, _context) is { } blamed)
        {
            throw blamed;
        }
    }

    private async Task ReadFieldAsync(string name, Stream body, CancellationToken cancellationToken)
    {
        if (FormFields.IsFileName(name))
            throw new UploadException(UploadError.FormContradictory, "A file field holds text.");
        if (Encoding.UTF8.GetByteCount(name) > MaxFieldNameBytes)
            throw new UploadException(UploadError.FormTooComplex, "A field's name is too long.");

        using var value = new MemoryStream();
        await using var measured = new MeasuredStream(
            body, MaxFieldBytes, static () => new UploadException(UploadError.FormTooComplex, "A field is too long."));
        await measured.CopyToAsync(value, cancellationToken);
        _fields.Add(name, Encoding.UTF8.GetString(value.GetBuffer().AsSpan(0, (int)value.Length)));
    }

    // Null for the empty part that a browser sends when nothing was chosen.
    private static async Task<IncomingFile?> OpenFileAsync(string field, string given, Stream body, CancellationToken cancellationToken)
    {
        if (FormFields.IsTextName(field))
            throw new UploadException(UploadError.FormContradictory, "A text field holds a file.");

        var name = OriginalName.TryParse(given, out var readable) ? readable : null;
        if (given.Length > 0)
            return new IncomingFile(name, body);

        var first = new byte[1];
        return await body.ReadAsync(first, cancellationToken) == 0
            ? null
            : new IncomingFile(name, new PrefixedStream(first, body));
    }
}

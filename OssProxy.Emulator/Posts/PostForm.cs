using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Posts;

/// <summary>
/// A browser's form, read up to its file: the fields are in memory, bounded, and the file is still on the wire.
/// <see cref="CopyFileAsync"/> streams it and insists that nothing follows.
/// </summary>
internal sealed class PostForm : IAsyncDisposable
{
    private const string FileField = "file";

    // A part has one or two headers; browsers send Content-Disposition and Content-Type.
    private const int OtherHeaderBytes = 16 << 10;
    private const int BufferBytes = 64 << 10;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly DigestingStream _body;
    private readonly MultipartReader _reader;
    private readonly EmulatorLimits _limits;
    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);
    private MultipartSection _file = null!;

    private PostForm(DigestingStream body, string boundary, EmulatorLimits limits)
    {
        (_body, _limits) = (body, limits);
        _reader = new(boundary, body, BufferBytes) { HeadersLengthLimit = limits.MaxFormNameBytes + OtherHeaderBytes };
    }

    /// <summary>By name in any case, without the file.</summary>
    public IReadOnlyDictionary<string, string> Fields => _fields;

    /// <summary>The base name that the file part gives itself, empty when it gives none.</summary>
    public string FileName { get; private set; } = "";

    public string? FileContentType => _file.ContentType;

    public string? this[string name] => _fields.GetValueOrDefault(name);

    public bool Has(string name) => _fields.ContainsKey(name);

    public static async Task<PostForm> ReadFieldsAsync(IHeaderDictionary headers, RequestBody body, EmulatorLimits limits, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(headers.ContentType.ToString(), out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw PostErrors.NotMultipart();
        }

        // The reference asks for Content-Length here; of chunked it says nothing (E15).
        if (body.AnnouncedLength is null)
            throw OssErrors.MissingContentLength();

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 70)
            throw PostErrors.MalformedRequest();

        var form = new PostForm(new(body.OpenRead(limits.MaxObjectBytes)), boundary, limits);
        try
        {
            await form.ReadFieldsAsync(cancellationToken);
            return form;
        }
        catch
        {
            await form.DisposeAsync();
            throw;
        }
    }

    /// <summary>The file to its last byte, and the end of the form behind it. Throws as soon as a byte is too many.</summary>
    public async Task CopyFileAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, long maximum, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        var length = 0L;
        while (await ReadAsync(_file.Body, buffer, cancellationToken) is > 0 and var read)
        {
            length += read;
            if (length > maximum)
                throw PostErrors.EntityTooLarge(maximum);

            await write(buffer.AsMemory(0, read), cancellationToken);
        }

        // One page lets fields after the file be ignored, the error table refuses them (E16).
        if (await NextAsync(cancellationToken) is { } next)
            throw NameOf(next).Equals(FileField, StringComparison.OrdinalIgnoreCase) ? PostErrors.IncorrectNumberOfFiles() : PostErrors.MalformedRequest();
    }

    /// <summary>MD5 of the whole body; after <see cref="CopyFileAsync"/>.</summary>
    public byte[] BodyMd5() => _body.Md5();

    public ValueTask DisposeAsync() => _body.DisposeAsync();

    private async Task ReadFieldsAsync(CancellationToken cancellationToken)
    {
        long values = 0, names = 0;
        while (await NextAsync(cancellationToken) is { } section)
        {
            var name = NameOf(section);
            if (name.Equals(FileField, StringComparison.OrdinalIgnoreCase))
            {
                FileName = FileNameOf(section);
                _file = section;
                if (!Has("key"))
                    throw PostErrors.MissingField("key");

                return;
            }

            var value = await ValueAsync(section, name, cancellationToken);

            // Names have no bound of their own in the reference; a form of a million empty fields must end all the same.
            names += name.Length;
            values += value.Length;
            if (values > _limits.MaxFormFieldsBytes || names > _limits.MaxFormFieldsBytes)
                throw PostErrors.FieldsTooLong();

            // Which of two would count is for guessing, and a policy checked against one while the other is used is a hole.
            if (!_fields.TryAdd(name, Text(value, name)))
                throw OssErrors.InvalidArgument("The form field must not be repeated.", name, "");
        }

        throw PostErrors.MalformedRequest();
    }

    private async Task<byte[]> ValueAsync(MultipartSection section, string name, CancellationToken cancellationToken)
    {
        using var value = new MemoryStream();
        var buffer = new byte[4 << 10];
        while (await ReadAsync(section.Body, buffer, cancellationToken) is > 0 and var read)
        {
            if (value.Length + read > _limits.MaxFormValueBytes)
                throw PostErrors.FieldTooLong(name);

            value.Write(buffer, 0, read);
        }

        return value.ToArray();
    }

    private static string Text(byte[] value, string name)
    {
        try
        {
            return Strict.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            throw OssErrors.InvalidArgument("The form field is not valid UTF-8.", name, "");
        }
    }

    private async Task<MultipartSection?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception failure) when (IsMalformed(failure))
        {
            throw PostErrors.MalformedRequest();
        }
    }

    private static async Task<int> ReadAsync(Stream section, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await section.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception failure) when (IsMalformed(failure))
        {
            throw PostErrors.MalformedRequest();
        }
    }

    // The body's own stream throws types of its own: what else comes is the parser's, about framing that does not end or is too long.
    private static bool IsMalformed(Exception failure) => failure is IOException or InvalidDataException;

    private string NameOf(MultipartSection section)
    {
        if (!TryParse(section, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            || Quoted(disposition, "name") is not { Length: > 0 } name)
        {
            throw PostErrors.MalformedRequest();
        }

        return Encoding.UTF8.GetByteCount(name) <= _limits.MaxFormNameBytes ? name : throw PostErrors.FieldTooLong(name.Length <= 64 ? name : name[..64]);
    }

    // Old browsers send a whole path, of Windows too.
    private static string FileNameOf(MultipartSection section)
    {
        var name = TryParse(section, out var disposition) ? Quoted(disposition, "filename") : null;
        return name is null ? "" : name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
    }

    private static bool TryParse(MultipartSection section, [NotNullWhen(true)] out ContentDispositionHeaderValue? disposition) =>
        ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out disposition);

    // Names must stand in quotes (PostObject reference). A backslash escapes a quote only: it also stands in Windows paths.
    private static string? Quoted(ContentDispositionHeaderValue disposition, string parameter) =>
        disposition.Parameters.FirstOrDefault(p => p.Name.Equals(parameter, StringComparison.OrdinalIgnoreCase))?.Value.ToString() is ['"', .. var inner, '"']
            ? inner.Replace("\\\"", "\"", StringComparison.Ordinal)
            : null;

    /// <summary>Sees every byte of the form, so that Content-MD5 can cover all of it.</summary>
    private sealed class DigestingStream(Stream inner) : ReadOnlyStream
    {
        private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

        public byte[] Md5() => _md5.GetCurrentHash();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            _md5.AppendData(buffer.Span[..read]);
            return read;
        }

        public override async ValueTask DisposeAsync()
        {
            _md5.Dispose();
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}

using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OssProxy.Api.Forms;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Api;

/// <summary>What was read from a form, to its end or to its refusal.</summary>
/// <param name="Files">The content of each file; of a refused form, as far as it had been handed out.</param>
/// <param name="Names">The name of each file.</param>
/// <param name="ClassId">The class.</param>
/// <param name="Ended">How many of the files were read to what they called their end.</param>
/// <param name="Refusal">Why the form was refused; null when it was read to its end.</param>
internal sealed record FormReadingResult(
    IReadOnlyList<byte[]> Files, IReadOnlyList<string?> Names, long ClassId, int Ended, UploadException? Refusal)
{
    private static readonly ClientPatience Patience =
        new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), MinBytesPerSecond: 0, Total: TimeSpan.FromHours(1));

    // A loop that gives nothing and does not end is noticed without waiting for it.
    private const int MostEmptyReads = 10_000;

    /// <summary>Reads a form that must be good.</summary>
    public static Task<FormReadingResult> OfAsync(byte[] form, params int[] sizes) => OfAsync(new FormReadingBody(form, sizes));

    public static async Task<FormReadingResult> OfAsync(FormReadingBody body)
    {
        var result = await TryAsync(body, "multipart/form-data; boundary=" + Form.Boundary);
        return result.Refusal is null ? result : throw new InvalidOperationException("A good form was refused.", result.Refusal);
    }

    /// <summary>Reads any form. Anything but <see cref="UploadException"/> comes out.</summary>
    /// <param name="body">The form.</param>
    /// <param name="contentType">The request's type.</param>
    /// <param name="reads">The sizes of the buffers that files are read with, over and over; 0 is a read that takes nothing.</param>
    public static Task<FormReadingResult> TryAsync(FormReadingBody body, string contentType, params int[] reads) =>
        TryAsync(body, contentType, stream => PiecesAsync(stream, reads.Length == 0 ? [32 * 1024] : reads));

    /// <summary>Reads a good form, and of each file only the first bytes.</summary>
    public static Task<FormReadingResult> OfFirstBytesAsync(FormReadingBody body, int most) =>
        TryAsync(body, "multipart/form-data; boundary=" + Form.Boundary, stream => FirstAsync(stream, most));

    /// <summary>In one line: <c>a.jpg:content|b.jpg:other|class:7</c>, or the code of the refusal. Bytes as Latin-1.</summary>
    public override string ToString()
    {
        if (Refusal is not null)
            return Refusal.Error.ToString();

        var found = Files.Zip(Names, static (content, name) => $"{name ?? "(none)"}:{Encoding.Latin1.GetString(content)}")
            .Concat(ClassId == 0 ? [] : [$"class:{ClassId}"]);
        return string.Join('|', found);
    }

    private static async Task<FormReadingResult> TryAsync(
        FormReadingBody body, string contentType, Func<Stream, IAsyncEnumerable<ReadOnlyMemory<byte>>> pieces)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = body;
        context.Request.ContentType = contentType;
        context.Features.Set<IRequestBodyPipeFeature>(new FormReadingPipe(body));

        var files = new List<byte[]>();
        var names = new List<string?>();
        var classId = 0L;
        var ended = 0;
        UploadException? refusal = null;
        try
        {
            using var form = new UploadForm(context, Patience, letInAt: 0, TimeProvider.System);
            while (await form.NextFileAsync(CancellationToken.None) is { } file)
            {
                names.Add(file.Name?.Value);
                files.Add([]);
                await foreach (var piece in pieces(file.Body))
                    files[^1] = [.. files[^1], .. piece.Span];
                ended++;
            }

            classId = form.ClassId;
        }
        catch (UploadException thrown)
        {
            refusal = thrown;
        }

        return new FormReadingResult(files, names, classId, ended, refusal);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(Stream body, int[] reads)
    {
        var empty = 0;
        var buffer = new byte[reads.Max()];
        for (var i = 0; ; i++)
        {
            var size = reads[i % reads.Length];
            var read = await body.ReadAsync(buffer.AsMemory(0, size));
            if (read > size)
                throw new InvalidOperationException("More was read than there was room for.");
            if (read > 0)
                yield return buffer.AsMemory(0, read);
            else if (size > 0)
                break;
            else if (++empty > MostEmptyReads)
                throw new InvalidOperationException("Nothing comes, and no end.");
        }

        // An end is an end: whoever asks again gets no byte of what follows.
        if (await body.ReadAsync(buffer) > 0)
            throw new InvalidOperationException("Something comes behind the end.");
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> FirstAsync(Stream body, int most)
    {
        var buffer = new byte[most];
        yield return buffer.AsMemory(0, await body.ReadAtLeastAsync(buffer, most, throwOnEndOfStream: false));
    }
}

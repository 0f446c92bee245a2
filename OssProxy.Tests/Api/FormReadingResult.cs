using System.Text;
using Microsoft.AspNetCore.Http;
using OssProxy.Api.Forms;

namespace OssProxy.Tests.Api;

/// <summary>What was read from a form.</summary>
/// <param name="Files">The content of each file.</param>
/// <param name="Names">The name of each file.</param>
/// <param name="ClassId">The class.</param>
internal sealed record FormReadingResult(IReadOnlyList<byte[]> Files, IReadOnlyList<string?> Names, long ClassId)
{
    private static readonly ClientPatience Patience =
        new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), MinBytesPerSecond: 0, Total: TimeSpan.FromHours(1));

    /// <summary>Reads a form to its end.</summary>
    public static Task<FormReadingResult> OfAsync(byte[] form, params int[] sizes) => OfAsync(new FormReadingBody(form, sizes));

    public static Task<FormReadingResult> OfAsync(string form, params int[] sizes) => OfAsync(Encoding.Latin1.GetBytes(form), sizes);

    public static Task<FormReadingResult> OfAsync(FormReadingBody body) => OfAsync(body, "multipart/form-data; boundary=" + Form.Boundary);

    public static async Task<FormReadingResult> OfAsync(FormReadingBody body, string contentType)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = body;
        context.Request.ContentType = contentType;
        using var form = new UploadForm(context, Patience, TimeProvider.System);

        var files = new List<byte[]>();
        var names = new List<string?>();
        while (await form.NextFileAsync(CancellationToken.None) is { } file)
        {
            using var content = new MemoryStream();
            await file.Body.CopyToAsync(content);
            files.Add(content.ToArray());
            names.Add(file.Name?.Value);
        }

        return new FormReadingResult(files, names, form.ClassId);
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Core.QrCodes;

/// <summary>Puts a logo into the middle of a code: a picture of ours, at most a fifth of the side, so that level Q reads what is covered.</summary>
public sealed class QrLogo(Renderer render)
{
    /// <summary>The largest file of a logo in bytes.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    // Of the side. A twenty-fifth of the area is covered; level Q repairs a quarter of the words, and the words lie in blocks.
    private const int Fraction = 5;

    /// <summary>The code with the logo, as a PNG.</summary>
    /// <exception cref="QrException"><see cref="QrError.QrLogoRefused"/>: there is no such picture, or it is too large.</exception>
    /// <exception cref="ImageException">It cannot be drawn.</exception>
    public async Task<RenderResult> PutAsync(QrCode code, IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        var logo = await ReadAsync(store, key, cancellationToken);
        var side = Math.Max(1, code.Side / Fraction).ToString(CultureInfo.InvariantCulture);
        var mark = Encoded($"{key}?x-oss-process=image/resize,m_lfit,w_{side},h_{side},limit_0");
        var process = ProcessString.Parse($"image/watermark,image_{mark},g_center,x_0,y_0,t_100/format,png").Image!;
        var job = new RenderJob
        {
            Source = code.ToPng(),
            Process = process,
            Marks = process.WatermarkKeys.ToImmutableDictionary(one => one, _ => logo, StringComparer.Ordinal),
        };
        return await render(job, "qrcode", cancellationToken);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        await using var reading = await store.OpenAsync(key, range: null, cancellationToken)
            ?? throw new QrException(QrError.QrLogoRefused, "There is no such logo.");
        if (reading.Source.Length > MaxBytes)
            throw new QrException(QrError.QrLogoRefused, $"The logo has more than {MaxBytes} bytes.");
        var content = new byte[reading.Source.Length];
        await reading.Body.ReadExactlyAsync(content, cancellationToken);
        return content;
    }

    private static string Encoded(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

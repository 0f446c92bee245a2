using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Core.QrCodes;

/// <summary>Puts a logo into the middle of a code: a picture of ours, at most a fifth of the side, so that level Q reads what is covered.</summary>
/// <param name="limits">How far a rendering may go, as for every other picture of this deployment.</param>
public sealed class QrLogo(Renderer render, RenderLimits limits)
{
    /// <summary>The largest file of a logo in bytes.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    // Of the side. A twenty-fifth of the area is covered; level Q repairs a quarter of the words, and the words lie in blocks.
    private const int Fraction = 5;

    /// <summary>A logo as it is now.</summary>
    /// <exception cref="QrException"><see cref="QrError.QrLogoRefused"/>: there is no such picture, or it is too large.</exception>
    /// <exception cref="StoreException">The store could not be read.</exception>
    public static async Task<LogoPicture> ReadAsync(IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        await using var reading = await store.OpenAsync(key, range: null, cancellationToken)
            ?? throw new QrException(QrError.QrLogoRefused, "There is no such logo.");
        if (reading.Source.Length > MaxBytes)
            throw new QrException(QrError.QrLogoRefused, $"The logo has more than {MaxBytes} bytes.");
        var content = new byte[reading.Source.Length];
        await reading.Body.ReadExactlyAsync(content, cancellationToken);
        return new LogoPicture(key, content, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>The code with the logo, as a PNG.</summary>
    /// <param name="client">For whom.</param>
    /// <exception cref="ImageException">It cannot be drawn.</exception>
    public async Task<RenderResult> PutAsync(QrCode code, LogoPicture logo, string client, CancellationToken cancellationToken)
    {
        var side = Math.Max(1, code.Side / Fraction).ToString(CultureInfo.InvariantCulture);
        var mark = Encoded($"{logo.Key}?x-oss-process=image/resize,m_lfit,w_{side},h_{side},limit_0");
        var process = ProcessString.Parse($"image/watermark,image_{mark},g_center,x_0,y_0,t_100/format,png").Image!;
        var job = new RenderJob
        {
            Source = code.ToPng(),
            Process = process,
            Marks = process.WatermarkKeys.ToImmutableDictionary(one => one, _ => logo.Content, StringComparer.Ordinal),
            Client = client,
            Limits = limits,
        };

        // The code is ours: what brings a renderer down can only be the logo, and one that does must not take the others with it.
        return await render(job, "qrcode " + logo.Sha256, cancellationToken);
    }

    private static string Encoded(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

/// <summary>A logo that has been read.</summary>
/// <param name="Sha256">Of its bytes, 64 lower-case hexadecimal digits: what tells one state of it from the next, wherever it lies.</param>
public sealed record LogoPicture(ObjectKey Key, ReadOnlyMemory<byte> Content, string Sha256);

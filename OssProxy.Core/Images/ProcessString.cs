namespace OssProxy.Core.Images;

/// <summary>What a value of <c>x-oss-process</c> asks for: exactly one of <see cref="Image"/>, <see cref="Style"/> and
/// <see cref="Snapshot"/>, and perhaps <see cref="SaveAs"/>.</summary>
public sealed record ProcessString
{
    /// <summary>The longest value that is read, in bytes of UTF-8 after percent-decoding.</summary>
    public const int MaxBytes = 2048;

    /// <summary><c>image/…</c>.</summary>
    public ImageProcess? Image { get; init; }

    /// <summary><c>style/NAME</c>: its name.</summary>
    public string? Style { get; init; }

    /// <summary><c>video/snapshot,…</c>.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary><c>sys/saveas,…</c>.</summary>
    public SaveAs? SaveAs { get; init; }

    /// <summary>Reads a value that has been percent-decoded once.</summary>
    /// <exception cref="ImageException">It is not one; the error says where OSS would say so.</exception>
    public static ProcessString Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ProcessReader.Read(text);
    }
}

/// <summary><c>video/snapshot</c>: one picture of a video.</summary>
/// <param name="At">Where in the video.</param>
/// <param name="Width">Pixels; 0 by the ratio, both 0 as the video is.</param>
/// <param name="Height">Likewise.</param>
/// <param name="Format"><see cref="ImageFormat.Jpeg"/> or <see cref="ImageFormat.Png"/>.</param>
/// <param name="Fast">The last key frame before <paramref name="At"/> (<c>m_fast</c>) instead of the exact frame.</param>
/// <param name="AutoRotate">Turned as the video's metadata says (<c>ar_auto</c>); <see cref="Turn"/> says whether that is all.</param>
/// <param name="Canonical">The same in its one spelling, beginning with <c>video/</c>.</param>
public sealed record Snapshot(TimeSpan At, int Width, int Height, ImageFormat Format, bool Fast, bool AutoRotate, string Canonical)
{
    /// <summary>How the picture is turned.</summary>
    public SnapshotTurn Turn { get; init; }
}

/// <summary>How a picture of a video is turned (<c>ar</c>).</summary>
public enum SnapshotTurn
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As the video's metadata says (<c>ar_auto</c>).</summary>
    AsRecorded,

    /// <summary>As the metadata says, then until it is higher than wide (<c>ar_h</c>).</summary>
    Portrait,

    /// <summary>As the metadata says, then until it is wider than high (<c>ar_w</c>).</summary>
    Landscape,
}

/// <summary><c>sys/saveas</c>: where a result goes.</summary>
/// <param name="Key">The object key.</param>
/// <param name="Bucket">Null for the bucket of the source.</param>
public sealed record SaveAs(string Key, string? Bucket);

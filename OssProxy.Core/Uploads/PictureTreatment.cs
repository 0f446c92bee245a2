using System.Collections.Immutable;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Images;

namespace OssProxy.Core.Uploads;

/// <summary>What a class makes of the pictures that come into it, before they are stored.</summary>
/// <param name="Process">What is done to every picture. Whatever it is, the result stands upright and holds no metadata but its colours.
/// Null to leave pictures as they are.</param>
/// <param name="HeicToJpeg">Whether HEIC and HEIF become JPEG also where nothing else is done: browsers do not show them.</param>
/// <param name="MainColor">Whether the main colour is recorded.</param>
public sealed record PictureTreatment(ImageProcess? Process, bool HeicToJpeg, bool MainColor)
{
    private static readonly ImmutableHashSet<string> Known =
        ["jpeg", "png", "webp", "gif", "bmp", "tiff", "heic", "heif", "avif"];

    private static readonly ImageProcess ToJpeg = ProcessString.Parse("image/format,jpg").Image!;

    /// <summary>The treatment that a policy asks for; null for none.</summary>
    public static PictureTreatment? Of(ClassPolicy policy)
    {
        var process = string.IsNullOrEmpty(policy.ImageProcess) ? null : ProcessString.Parse(policy.ImageProcess).Image;
        return process is null && policy.HeicToJpeg != true && policy.MainColor != true
            ? null
            : new PictureTreatment(process, policy.HeicToJpeg == true, policy.MainColor == true);
    }

    /// <summary>Whether files of this type are treated at all.</summary>
    public bool Concerns(FileType type) => Known.Contains(type.Name) && (Process is not null || MainColor || ProcessOf(type) is not null);

    /// <summary>Whether files of this type become others, so that none may be stored as it was sent.</summary>
    public bool Changes(FileType type) => Known.Contains(type.Name) && ProcessOf(type) is not null;

    /// <summary>What is done to a picture of this type; null when it stays as it is.</summary>
    public ImageProcess? ProcessOf(FileType type) => Process ?? (HeicToJpeg && type.Name is "heic" or "heif" ? ToJpeg : null);
}

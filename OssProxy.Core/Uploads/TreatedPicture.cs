using System.Security.Cryptography;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Transfers;

namespace OssProxy.Core.Uploads;

/// <summary>A picture as its class wants it, on the disk until it is disposed.</summary>
internal sealed class TreatedPicture(FileStream file, FileType type, PictureSize? size, string? mainColor) : IAsyncDisposable
{
    /// <summary>What it is now.</summary>
    public FileType Type { get; } = type;

    /// <summary>Its sides in pixels; null when nobody has looked.</summary>
    public PictureSize? Size { get; } = size;

    /// <summary>Its main colour as <c>#rrggbb</c>; null when it was not asked for.</summary>
    public string? MainColor { get; } = mainColor;

    /// <summary>Its bytes.</summary>
    public long Length => file.Length;

    /// <summary>Its bytes from the first on, to be read as often as a store needs.</summary>
    public Stream Body()
    {
        file.Position = 0;
        return new SpooledBody(file);
    }

    /// <summary>The SHA-256 of its bytes, 64 lower-case hexadecimal digits.</summary>
    public async Task<string> Sha256Async(CancellationToken cancellationToken)
    {
        await using var body = Body();
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(body, cancellationToken));
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();
}

using System.Buffers.Text;
using System.Globalization;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>What a body must be before it counts as received: framed, and equal to the digests that came with it.</summary>
internal static class BodyChecks
{
    /// <summary>Streams the body into a temp blob and verifies it; nothing is visible yet.</summary>
    public static async Task<BlobWriter> ReceiveAsync(OssRequest request, string tempFolder, long maximum, CancellationToken cancellationToken)
    {
        if (request.Body.IsUnframed)
            throw OssErrors.MissingContentLength();

        var md5 = ContentMd5(request);
        var blob = new BlobWriter(tempFolder);
        try
        {
            await request.Body.CopyToAsync(blob.WriteAsync, maximum, cancellationToken);
            VerifyMd5(md5, blob.Md5, request);
            if (request.Header("x-oss-hash-crc64ecma") is { } crc
                && !(ulong.TryParse(crc, NumberStyles.None, CultureInfo.InvariantCulture, out var expected) && expected == blob.Crc64))
            {
                throw OssErrors.InvalidCrc64();
            }

            return blob;
        }
        catch
        {
            await blob.DisposeAsync();
            throw;
        }
    }

    /// <summary>The 16 bytes that Content-MD5 names, null when absent (EC 0017-00000502 when it is not a digest).</summary>
    public static byte[]? ContentMd5(OssRequest request)
    {
        if (request.Header("Content-MD5") is not { } text)
            return null;

        var bytes = new byte[16];
        return Base64.IsValid(text, out var length) && length == 16 && Convert.TryFromBase64String(text, bytes, out _)
            ? bytes
            : throw OssErrors.InvalidDigest(text, calculated: null, "0017-00000502");
    }

    public static void VerifyMd5(byte[]? expected, byte[] actual, OssRequest request)
    {
        if (expected is not null && !expected.AsSpan().SequenceEqual(actual))
            throw OssErrors.InvalidDigest(request.Header("Content-MD5")!, Convert.ToBase64String(actual), "0017-00000503");
    }

    public static string Crc(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Quoted(string etag) => $"\"{etag}\"";
}

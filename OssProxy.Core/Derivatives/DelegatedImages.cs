using OssProxy.Core.Images;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>Images that OSS makes for us: it is asked with our signature, and what it makes is kept and served as if it were
/// ours.</summary>
internal sealed class DelegatedImages(OssClient client)
{
    // A result has 16,777,216 pixels at most; what is longer than three bytes for each is no picture that anybody waits for.
    private const int MostBytes = 48 * 1024 * 1024;

    // What image/info and image/average-hue tell.
    private const int MostJsonBytes = 1024 * 1024;

    /// <summary>The longest that a result of a recipe may be.</summary>
    public static int MostBytesOf(Recipe recipe) => recipe.TellsOnly ? MostJsonBytes : MostBytes;

    /// <summary>What OSS makes by a recipe.</summary>
    /// <exception cref="ImageException">OSS refuses, in its own words.</exception>
    /// <exception cref="StoreException">OSS fails, or refuses us.</exception>
    public async Task<RenderedBytes> MakeAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        var format = recipe.Preferred.Word();
        var process = format.Length > 0 ? $"{recipe.Canonical}/format,{format}" : recipe.Canonical;
        try
        {
            var made = await client.Processing.GetAsync(recipe.Source, process, MostBytesOf(recipe), cancellationToken)
                ?? throw ImageFaults.NoSource();
            return new RenderedBytes(made.Content, made.ContentType);
        }
        catch (OssException failure) when (ErrorOf(failure) is { } error)
        {
            throw new ImageException(error, failure.Code, failure.Text ?? failure.Code, failure.EC, failure);
        }
        catch (OssException failure)
        {
            throw OssFaults.Of(failure);
        }
        catch (OssTransportException failure)
        {
            throw OssFaults.Of(failure);
        }
    }

    // What is the fault of whoever asks. A refusal of our credentials is not.
    private static ImageError? ErrorOf(OssException failure) => failure.Code switch
    {
        "InvalidArgument" or "MissingArgument" => ImageError.ProcessInvalid,
        "BadRequest" => ImageError.ProcessRefused,
        "ImageTooLarge" => ImageError.ImageTooLarge,
        "WatermarkError" => ImageError.WatermarkRefused,
        "TooManyPipes" or "TooManyPipe" => ImageError.TooManyPipes,
        "ImageDamage" => ImageError.ImageDamaged,
        "NotImplemented" => ImageError.EngineMissing,
        _ => null,
    };
}

/// <summary>What a renderer gave.</summary>
internal sealed record RenderedBytes(ReadOnlyMemory<byte> Content, string MediaType);

using Microsoft.Extensions.Options;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Grants;
using OssProxy.Core.Images;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Images;

/// <summary>
/// Who may have which image. Anybody: what a style makes, and what the deployment has named. Whoever has a signed address: what it says.
/// Whoever may look at the library: everything. A signature that somebody shows is judged, also where none would be needed: an address that
/// works although it has run out would be found out the day on which the style goes.
/// </summary>
public sealed class ImageDesk(
    Recipes recipes,
    SignedImageLinks links,
    DerivedImages images,
    ImagePlaces places,
    ObjectStores stores,
    IOptions<ImageOptions> options,
    IOptions<UploadOptions> uploads,
    IOptions<GrantOptions> grants)
{
    private static readonly ConsoleDoorAttribute Door = new();

    /// <summary>The images.</summary>
    public DerivedImages Images => images;

    /// <summary>The originals.</summary>
    public IObjectStore Originals => stores.Main.Store;

    /// <summary>Where no image may be saved among the originals.</summary>
    public IReadOnlyList<string> Reserved { get; } =
    [
        UploadFolder.ParsePrefix(uploads.Value.Prefix) + "/",
        UploadFolder.ParsePrefix(grants.Value.Prefix) + "/",
        .. stores.Main.Name == stores.Local.Name ? [UploadPolicies.LocalParent + "/"] : Array.Empty<string>(),
    ];

    /// <summary>What caches are told: what the original says of itself, else what is configured.</summary>
    /// <param name="original">What it says; null for nothing.</param>
    /// <param name="isOpen">Whether anybody may have it.</param>
    public string CacheControlOf(string? original, bool isOpen)
    {
        var words = ImageOptions.IsCacheControl(original) ? original : options.Value.CacheControl;
        return isOpen ? words : Private(words);
    }

    /// <exception cref="ApiException"><see cref="ApiError.RouteNotFound"/>: there is no image service.</exception>
    public void RequireEnabled()
    {
        if (!options.Value.Enabled)
            throw new ApiException(ApiError.RouteNotFound);
    }

    /// <summary>The client of a request, who takes a place for an image that is to be made.</summary>
    /// <param name="image">A name of it that is no other's.</param>
    internal ImageCaller Caller(HttpContext context, string image)
    {
        var address = CallerAddress.Of(context);
        return new ImageCaller(address, () => places.Enter(address, image));
    }

    /// <summary>What an address without parameters asks for, whoever asks.</summary>
    internal ValueTask<Recipe> ReadAsync(string path, CancellationToken cancellationToken) =>
        recipes.ReadAsync(path, process: null, isSigned: false, cancellationToken);

    /// <summary>Reads what a request asks for and lets in whoever may have it.</summary>
    /// <param name="written">A process that came with the body; null for that of the address. With it only an admin is let in, because no
    /// signature of an address holds the body.</param>
    /// <returns>The recipe, and whether anybody might have it.</returns>
    /// <exception cref="ImageException">It cannot be understood, or the caller may not have it.</exception>
    internal async ValueTask<(Recipe Recipe, bool IsOpen)> AdmitAsync(HttpContext context, AskedImage asked, string? written)
    {
        RequireEnabled();
        var isSigned = SignedImageLinks.IsSigned(asked.Query);
        if (isSigned)
        {
            links.Require(new HttpMethod(context.Request.Method), asked.Path, asked.Query, context.Request.Headers
                .Select(header => KeyValuePair.Create(header.Key, header.Value.ToString())));
        }

        var recipe = await recipes.ReadAsync(asked.Path, written ?? asked.Process, isSigned, context.RequestAborted);
        if (isSigned && written is null)
            return (recipe, IsOpen: false);
        if (recipes.IsOpen(recipe))
            return (recipe, IsOpen: true);
        if (RequestToken.Of(context.Request).Place == TokenPlace.None)
            throw Recipes.Protected();
        await Door.EnterAsync(context);
        return (recipe, IsOpen: false);
    }

    private static string Private(string cacheControl) => string.Join(", ", cacheControl
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Where(one => !one.StartsWith("s-maxage", StringComparison.OrdinalIgnoreCase)
            && !one.Equals("public", StringComparison.OrdinalIgnoreCase) && !one.Equals("private", StringComparison.OrdinalIgnoreCase))
        .Prepend("private"));
}

using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;
using OssProxy.Core.Transfers;

namespace OssProxy.Core.Uploads;

/// <summary>Makes the policy of each door from the configuration and what the request asks for.</summary>
public sealed class UploadPolicies(
    ObjectStores stores, TransferSelector transfers, ObjectNaming naming, IOptions<UploadOptions> options)
{
    // What the local doors' URLs have always begun with, below /public/uploads.
    private const string LocalParent = "Diy";

    private readonly UploadOptions _options = options.Value;
    private readonly FrozenSet<FileType> _types = Types(options.Value);
    private readonly UploadFolder _prefix = UploadFolder.ParsePrefix(options.Value.Prefix);

    /// <summary>The main doors: into the main store, under the configured prefix.</summary>
    /// <param name="maxFiles">Most files in one request of this door.</param>
    /// <param name="transfer">The transfer that the request asks for; null or empty for the configured one.</param>
    /// <exception cref="UploadException"><see cref="UploadError.TransferUnknown"/>.</exception>
    public UploadPolicy Main(int maxFiles, string? transfer)
    {
        var way = Select(transfer);
        return new UploadPolicy
        {
            MaxFileBytes = Math.Min(_options.MaxFileBytes, way.MaxBytes(stores.Main)),
            MaxFiles = maxFiles,
            Types = _types,
            Store = stores.Main,
            Transfer = way,
            Name = extension => naming.Random(_prefix, extension),
        };
    }

    /// <summary>The local doors: onto this machine's disk, in a folder that the route names (<c>a_b</c> is <c>a/b</c>); null for
    /// none.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.FolderInvalid"/> or
    /// <see cref="UploadError.TransferUnknown"/>.</exception>
    public UploadPolicy Local(string? folder, string? transfer)
    {
        var under = folder is null ? UploadFolder.Root
            : UploadFolder.TryParseRoute(folder, out var parsed) ? parsed.Under(LocalParent)
            : throw new UploadException(UploadError.FolderInvalid, "The folder in the route is not a plain name.");
        return new UploadPolicy
        {
            MaxFileBytes = _options.MaxFileBytes,
            MaxFiles = 1,
            Types = _types,
            Store = stores.Local,
            Transfer = Select(transfer),
            Name = extension => naming.Numbered(under, extension),
        };
    }

    private static FrozenSet<FileType> Types(UploadOptions options)
    {
        var named = options.AllowedTypeNames().Select(FileTypeCatalog.Find).OfType<FileType>().ToFrozenSet();
        return named.Count > 0 ? named : FileTypeCatalog.All.ToFrozenSet();
    }

    private ITransfer Select(string? name) =>
        string.IsNullOrEmpty(name)
            ? transfers.Default
            : transfers.Find(name) ?? throw new UploadException(UploadError.TransferUnknown, "The query names an unknown transfer.");
}

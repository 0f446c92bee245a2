namespace OssProxy.Core.Storage;

/// <summary>What a failure of the disk means for a store.</summary>
internal static class FileFailure
{
    // errno of Linux: EDQUOT 122, ENOSPC 28, EROFS 30, EFBIG 27, EACCES 13; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly HashSet<int> Refusals = [13, 27, 28, 30, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>Whether the exception is one of file access at all.</summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException;

    public static StoreException Of(Exception e, ObjectKey key) => e switch
    {
        PathTooLongException or DirectoryNotFoundException => Unfit(key, e),
        UnauthorizedAccessException => new StoreException(StoreError.StoreFull, "The disk of the local store refuses access: " + e.Message, e),
        _ when Refusals.Contains(e.HResult) =>
            new StoreException(StoreError.StoreFull, "The disk of the local store is full or refuses to write: " + e.Message, e),
        _ => new StoreException(StoreError.StoreFailed, "The disk of the local store failed: " + e.Message, e),
    };

    /// <summary>The key is one that a disk cannot hold.</summary>
    public static StoreException Unfit(ObjectKey key, Exception? e = null) =>
        new(StoreError.StoreMisconfigured, $"The local store cannot keep a file under the key '{key}'.", e);
}

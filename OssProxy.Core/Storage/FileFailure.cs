namespace OssProxy.Core.Storage;

/// <summary>What a failure of the disk means for a store.</summary>
internal static class FileFailure
{
    // errno of Linux: EDQUOT 122, ENOSPC 28, EROFS 30, EFBIG 27, EACCES 13; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly HashSet<int> Refusals = [13, 27, 28, 30, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>Whether the exception is one of file access at all.</summary>
    public static bool Is(Exception failure) => failure is IOException or UnauthorizedAccessException;

    public static StoreException Of(Exception failure, ObjectKey key) =>
        failure is PathTooLongException or DirectoryNotFoundException ? Unfit(key, failure) : Of(failure);

    /// <summary>Of a failure that no single key is behind.</summary>
    public static StoreException Of(Exception failure) => failure switch
    {
        UnauthorizedAccessException => new StoreException(StoreError.StoreFull, "The disk of the local store refuses access: " + failure.Message, failure),
        _ when Refusals.Contains(failure.HResult) =>
            new StoreException(StoreError.StoreFull, "The disk of the local store is full or refuses to write: " + failure.Message, failure),
        _ => new StoreException(StoreError.StoreFailed, "The disk of the local store failed: " + failure.Message, failure),
    };

    /// <summary>The key is one that a disk cannot hold.</summary>
    public static StoreException Unfit(ObjectKey key, Exception? failure = null) =>
        new(StoreError.StoreMisconfigured, $"The local store cannot keep a file under the key '{key}'.", failure);
}

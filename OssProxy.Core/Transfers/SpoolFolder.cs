using System.Security.Cryptography;

namespace OssProxy.Core.Transfers;

/// <summary>
/// Where spool files live. A file dies with its handle; one that a killed process left behind is removed by <see cref="Sweep"/> at the next
/// start. The name carries the node, so that nodes which share a folder sweep only after themselves.
/// </summary>
/// <param name="path">The folder; made when it is missing, also when somebody removes it while the server runs.</param>
/// <param name="node">The node that spools here.</param>
/// <param name="reserveBytes">What the disk keeps free, whatever is spooled.</param>
/// <param name="freeBytes">Tells what the disk has free now; for tests, null to ask the disk.</param>
public sealed class SpoolFolder(string path, string node, long reserveBytes = 0, Func<long>? freeBytes = null)
{
    private readonly Func<long> _freeBytes = freeBytes ?? (() => FreeBytesOf(path));
    private readonly string _prefix = $"ossproxy-{node}-";

    /// <summary>Makes an empty spool file, readable by this user alone, that is removed when it is closed.</summary>
    /// <exception cref="TransferException">The folder cannot be written.</exception>
    public FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
            // The transfer reads and writes in pieces of its own; a second buffer would only copy them once more.
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        try
        {
            Directory.CreateDirectory(path);
            return new FileStream(Path.Combine(path, $"{_prefix}{RandomNumberGenerator.GetHexString(24, lowercase: true)}.spool"), options);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TransferException(TransferError.SpoolFailed, "The spool file cannot be made.", failure) { NeverSent = true };
        }
    }

    /// <summary>Refuses when the disk, with so many bytes more on it, would have less than the reserve. The folder must be there.</summary>
    /// <exception cref="TransferException"><see cref="TransferError.SpoolFull"/>, or <see cref="TransferError.SpoolFailed"/> when the disk
    /// cannot be asked.</exception>
    public void KeepReserve(long more)
    {
        long free;
        try
        {
            free = _freeBytes();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TransferException(TransferError.SpoolFailed, "The spool folder's disk does not tell its room.", failure) { NeverSent = true };
        }

        if (free - more < reserveBytes)
        {
            throw new TransferException(
                TransferError.SpoolFull, $"The spool folder's disk has {free} bytes free; {more} more would leave less than {reserveBytes}.")
            { NeverSent = true };
        }
    }

    /// <summary>Removes what an earlier process of this node left behind; returns how many files that were. To be called before the first
    /// upload.</summary>
    public int Sweep()
    {
        if (!Directory.Exists(path))
            return 0;

        var count = 0;
        foreach (var file in Directory.EnumerateFiles(path, _prefix + "*.spool"))
        {
            File.Delete(file);
            count++;
        }

        return count;
    }

    // Windows knows drives, the others any folder.
    private static long FreeBytesOf(string path) =>
        new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Path.GetFullPath(path))! : Path.GetFullPath(path)).AvailableFreeSpace;
}

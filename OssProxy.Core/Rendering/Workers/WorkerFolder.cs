using System.Globalization;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// Where the workers of a process have their folders. A worker's goes with it; those of a process that was killed go when the next one
/// starts its first worker.
/// </summary>
/// <param name="root">Shared by the processes that use the same data folder: the server, and <c>doctor</c> beside it.</param>
internal sealed class WorkerFolder(string root)
{
    private readonly string _own = Path.Combine(Path.GetFullPath(root), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    private readonly Lock _gate = new();
    private int _count;
    private bool _isSwept;

    /// <summary>Makes the folder of one more worker.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public string Add()
    {
        lock (_gate)
        {
            if (!_isSwept)
                Sweep();
            _isSwept = true;
            var folder = Path.Combine(_own, (++_count).ToString(CultureInfo.InvariantCulture));
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return folder;
        }
    }

    /// <summary>Removes a worker's folder, and the last of them the process's; what cannot be removed is removed at the next
    /// start.</summary>
    public void Remove(string folder)
    {
        lock (_gate)
        {
            try
            {
                if (Directory.Exists(folder))
                    Directory.Delete(folder, recursive: true);
                Directory.Delete(_own);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Another worker's is in it.
            }
        }
    }

    private void Sweep()
    {
        if (!Directory.Exists(root))
            return;
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            // A number of our own is that of a predecessor in the same container.
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                || (process != Environment.ProcessId && IsAlive(process)))
                continue;
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Somebody else's; it is in nobody's way.
            }
        }
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

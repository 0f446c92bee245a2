using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Storage;

/// <summary>
/// Where the files of a local store lie: objects under the root by their key, so that the folder can be read and copied without this
/// program; what is ours in a hidden folder beside them. A key that a disk cannot hold exactly, or that could mean another file on some
/// system, has no path. Links below the root are never followed: whoever placed one decides what lies outside. The root itself may be one.
/// </summary>
internal sealed class FileTree
{
    /// <summary>The folder with our own files. No key can begin with it.</summary>
    public const string Hidden = ".ossproxy";

    // The longest name of a file on ext4, XFS, NTFS and APFS.
    private const int MaxSegmentBytes = 255;

    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // Backslash and colon are separators, drives and alternate streams on Windows; the rest cannot stand in a name there.
    private static readonly SearchValues<char> Unusable = SearchValues.Create("\\:*?\"<>|\0");

    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", .. Numbered("COM"), .. Numbered("LPT")], StringComparer.OrdinalIgnoreCase);

    private readonly string _root;

    /// <param name="root">The root folder; made when it is missing.</param>
    public FileTree(string root)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Temporary = Path.Combine(_root, Hidden, "tmp");
        MakeFolder(Temporary);
    }

    /// <summary>The folder of files that are being written, on the same file system as the objects.</summary>
    public string Temporary { get; }

    /// <summary>The file of an object; null when the key cannot have one, or a link stands in its way.</summary>
    public string? FileOf(ObjectKey key)
    {
        foreach (var segment in key.Value.AsSpan().Split('/'))
        {
            if (!IsUsable(key.Value.AsSpan()[segment]))
                return null;
        }

        if (IsHidden(key.Value.Split('/', 2)[0]))
            return null;

        var path = PathOf(key);
        return path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !CrossesLink(path) ? path : null;
    }

    /// <summary>Where the file of a key that is known to have one lies.</summary>
    public string PathOf(ObjectKey key) => Path.GetFullPath(Path.Combine(_root, key.Value.Replace('/', Path.DirectorySeparatorChar)));

    /// <summary>A folder that the disk has told of; null when a link stands in its way by now.</summary>
    /// <param name="folder">Its names, each with a slash behind it; empty for the root.</param>
    public string? FolderOf(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.Combine(_root, folder.Replace('/', Path.DirectorySeparatorChar)));
        return CrossesLink(path) ? null : path;
    }

    /// <summary>Tells an empty store from one whose disk is not mounted: our own folder is there from the beginning.</summary>
    /// <exception cref="StoreException">It is not.</exception>
    public void EnsureThere()
    {
        if (!Directory.Exists(Temporary))
            throw new StoreException(StoreError.StoreFailed, $"The folder '{Temporary}' of the local store is gone, or its disk is not mounted.");
    }

    /// <summary>The file with what is kept beside an object. Named by a digest of the key: any key fits, none collides.</summary>
    public string NoteOf(ObjectKey key)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Value)));
        return Path.Combine(_root, Hidden, "notes", digest[..2], digest[2..]);
    }

    /// <summary>Makes a folder and those above it, readable for all and writable for us (0755).</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, FolderMode);
    }

    /// <summary>Whether a name at the root is that of our own folder.</summary>
    public static bool IsHidden(ReadOnlySpan<char> name) => name.Equals(Hidden, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a segment of a key can be a name on any disk.</summary>
    public static bool IsUsable(ReadOnlySpan<char> segment)
    {
        // An empty segment (a//b, a/) would fold into another key; Windows drops a dot or space at the end.
        if (segment.IsEmpty || segment[^1] is '.' or ' ' || segment.ContainsAny(Unusable))
            return false;
        if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes)
            return false;

        var dot = segment.IndexOf('.');
        var stem = (dot < 0 ? segment : segment[..dot]).TrimEnd(' ');
        return !Devices.GetAlternateLookup<ReadOnlySpan<char>>().Contains(stem);
    }

    private bool CrossesLink(string path)
    {
        for (var step = path; step.Length > _root.Length; step = Path.GetDirectoryName(step)!)
        {
            // -1 stands for a file that is not there.
            var attributes = new FileInfo(step).Attributes;
            if ((int)attributes != -1 && attributes.HasFlag(FileAttributes.ReparsePoint))
                return true;
        }

        return false;
    }

    private static IEnumerable<string> Numbered(string device) =>
        "123456789¹²³".Select(digit => device + digit);
}

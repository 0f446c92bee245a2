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

        var first = key.Value.Split('/', 2)[0];
        if (first.Equals(Hidden, StringComparison.OrdinalIgnoreCase))
            return null;

        var path = Path.GetFullPath(Path.Combine(_root, key.Value.Replace('/', Path.DirectorySeparatorChar)));
        return path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !CrossesLink(path) ? path : null;
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

    private static bool IsUsable(ReadOnlySpan<char> segment)
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

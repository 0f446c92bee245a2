using System.IO.Enumeration;

namespace OssProxy.Core.Storage;

/// <summary>
/// The objects of a local store in the order of their keys: what <see cref="FileTree.FileOf"/> has a file for, and nothing else. Holds
/// the names of the folders on the way down to where it is. The prefix is compared with names that the disk tells and never made a
/// path of.
/// </summary>
internal static class FileListing
{
    private static readonly EnumerationOptions Plain = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
    };

    /// <exception cref="StoreException">The disk failed, or the store's folder is gone.</exception>
    public static IEnumerable<ListedObject> Of(FileTree tree, string prefix, CancellationToken cancellationToken)
    {
        tree.EnsureThere();
        var ahead = new Stack<(string Folder, string Name)>();
        Open(tree, folder: "", prefix, ahead);
        while (ahead.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var key = next.Folder + next.Name;
            if (key[^1] == '/')
                Open(tree, key, prefix, ahead);
            else if (Describe(tree, key) is { } found)
                yield return found;
        }

        // A disk that went away meanwhile looked like folders that were emptied.
        tree.EnsureThere();
    }

    // What lies in a folder comes next, its first name on top.
    private static void Open(FileTree tree, string folder, string prefix, Stack<(string Folder, string Name)> ahead)
    {
        if (folder.Length > ObjectKey.MaxBytes || tree.FolderOf(folder) is not { } path)
            return;

        List<string> names;
        try
        {
            names = [.. new FileSystemEnumerable<string>(path, static (ref entry) => NameOf(ref entry), Plain)
            {
                ShouldIncludePredicate = (ref entry) => Matters(ref entry, folder, prefix),
            }];
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            if (!Directory.Exists(path))
                return;
            throw FileFailure.Of(failure);
        }

        // A folder's slash takes part in the order: "a.b" comes before "a/b", and "a0" behind it.
        names.Sort(static (x, y) => KeyOrder.Instance.Compare(y, x));
        ahead.EnsureCapacity(ahead.Count + names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            // Names that are no UTF-8 can look the same; no key means any of them.
            if (i == 0 || names[i] != names[i - 1])
                ahead.Push((folder, names[i]));
        }
    }

    private static string NameOf(ref FileSystemEntry entry) =>
        entry.IsDirectory ? string.Concat(entry.FileName, "/") : entry.FileName.ToString();

    private static bool Matters(ref FileSystemEntry entry, string folder, string prefix)
    {
        var name = entry.FileName;
        if (!FileTree.IsUsable(name) || (folder.Length == 0 && FileTree.IsHidden(name)))
            return false;
        if (folder.Length >= prefix.Length)
            return true;

        // Of the way to the prefix one folder is left, and where it ends, what begins like its last segment.
        var rest = prefix.AsSpan(folder.Length);
        return name.StartsWith(rest, StringComparison.Ordinal)
            || (entry.IsDirectory && rest.Length > name.Length && rest[name.Length] == '/' && rest.StartsWith(name, StringComparison.Ordinal));
    }

    private static ListedObject? Describe(FileTree tree, string text)
    {
        if (!ObjectKey.TryParse(text, out var key))
            return null;

        try
        {
            var file = new FileInfo(tree.PathOf(key));

            // -1 stands for a file that is not there any more; a folder or a link may have taken its place.
            var attributes = file.Attributes;
            return (int)attributes == -1 || attributes.HasFlag(FileAttributes.Directory) || attributes.HasFlag(FileAttributes.ReparsePoint)
                ? null
                : new ListedObject(text, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.Of(failure);
        }
    }
}

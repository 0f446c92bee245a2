using System.Security.Cryptography;

namespace OssProxy.Core.Records;

/// <summary>The data folder cannot be used. The message is in Chinese, for the operator, and names the key to change.</summary>
public sealed class DataFolderException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>
/// Who this node is: a random name kept in the data folder, because claims belong to the node that made them and must be found again by
/// it after a crash. Holding one also holds the data folder: an exclusive lock for the life of the process, so that two processes cannot
/// take each other's claims, spool files and objects for leftovers. The system drops the lock when the process dies, however it dies.
/// A copied data folder is a copied identity: give every node a folder of its own.
/// </summary>
public sealed class NodeIdentity : IDisposable
{
    private const string LockName = "node.lock";
    private const string IdName = "node.id";
    private const int IdLength = 32;

    private readonly FileStream _lock;

    private NodeIdentity(string id, string folder, FileStream held)
    {
        Id = id;
        DataFolder = folder;
        _lock = held;
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>The data folder as an absolute path. It exists.</summary>
    public string DataFolder { get; }

    /// <summary>Makes the data folder when it is missing, locks it, and reads this node's name or draws one.</summary>
    /// <param name="dataFolder">The value of <c>Data:Folder</c>.</param>
    /// <exception cref="DataFolderException">Another process uses the folder, or it cannot be written.</exception>
    public static NodeIdentity Acquire(string dataFolder)
    {
        var folder = Path.GetFullPath(dataFolder);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(folder);
            held = Lock(folder);
            return new NodeIdentity(ReadOrDrawId(folder), folder, held);
        }
        catch (Exception failure)
        {
            held?.Dispose();
            if (failure is IOException or UnauthorizedAccessException or NotSupportedException)
                throw new DataFolderException($"数据目录 {folder} 无法创建或写入：请检查权限和磁盘，或把 Data:Folder 指向另一个目录。", failure);
            throw;
        }
    }

    /// <summary>The name of the node whose data folder this is, for a program beside the server, which holds the folder: reads, takes no lock
    /// and draws no name. Null when there is none yet.</summary>
    /// <exception cref="DataFolderException">The file is damaged or cannot be read.</exception>
    public static string? Peek(string dataFolder)
    {
        var folder = Path.GetFullPath(dataFolder);
        try
        {
            return File.Exists(Path.Combine(folder, IdName)) ? ReadOrDrawId(folder) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"数据目录 {folder} 无法读取：请检查权限，或把 Data:Folder 指向服务所用的目录。", failure);
        }
    }

    /// <summary>Lets another process have the data folder.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(
                Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException failure) when (IsHeldElsewhere(failure))
        {
            throw new DataFolderException(
                $"数据目录 {folder} 正被另一个进程使用：请先停止那个进程，或为本进程把 Data:Folder 设为另一个目录。", failure);
        }
    }

    // EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsHeldElsewhere(IOException failure) => failure.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static string ReadOrDrawId(string folder)
    {
        var path = Path.Combine(folder, IdName);
        if (!File.Exists(path))
            WriteOnce(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2)));

        var id = File.ReadAllText(path).Trim();
        // Never replaced silently: a new name would abandon the claims of the old one.
        return id.Length == IdLength && id.All(char.IsAsciiHexDigitLower)
            ? id
            : throw new DataFolderException($"文件 {path} 的内容已损坏：请从备份恢复；没有备份时删除它（Data:Folder 中本节点未完成的上传记录将不再自动清理）。");
    }

    private static void WriteOnce(string path, string id)
    {
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(id + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}

using OssProxy.Core.Records;

namespace OssProxy.Api.Hosting;

/// <summary>The database of a server, for a command that runs beside it. Such a command neither makes a database, which would be another than
/// the one that was meant, nor brings a schema up to date under a server that runs.</summary>
internal static class RecordsAtHand
{
    /// <summary>Why the records cannot be worked with, for the operator; null when they can.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written, or is newer than this program.</exception>
    public static async Task<string?> FaultAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetService<RecordsDatabase>() is not { } records)
            return "Records:Provider 是 none：没有数据库，这个命令用不了。";
        if (records.MissingFile is { } file)
            return $"数据库 {file} 不存在：请先启动一次服务，并检查 Data:Folder 与 Records:ConnectionString。";
        return await records.LookAsync(cancellationToken) ? null : "数据库的表结构比程序旧：请先用这个版本启动一次服务。";
    }
}

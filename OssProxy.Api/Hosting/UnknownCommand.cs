namespace OssProxy.Api.Hosting;

/// <summary>A command line that is none of ours.</summary>
internal static class UnknownCommand
{
    /// <summary>Says what there is and returns the exit code.</summary>
    public static async Task<int> TellAsync(string word)
    {
        await Console.Error.WriteLineAsync(
            $"不认识的命令“{word}”，或它不在最前面。可用：不带命令启动服务；doctor 检查配置；reconcile [--dry-run] 比较对象与记录；accounts 管理控制台账号；keys 管理 API 密钥；derived [--dry-run] 清除原图已不存在的图片处理结果。设置写成 --节:键=值。");
        return 1;
    }
}

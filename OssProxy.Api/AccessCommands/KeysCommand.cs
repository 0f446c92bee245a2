using System.Globalization;
using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;

namespace OssProxy.Api.AccessCommands;

/// <summary><c>dotnet OssProxy.Api.dll keys</c>: the API keys of machines. A token goes to the standard output once, alone on its line.</summary>
internal static class KeysCommand
{
    private const string RightsOption = "--rights";
    private const string ClassesOption = "--classes";

    private const string Usage = """
        用法：keys create <名称> --rights upload,admin:read,admin [--classes 1,2]
              keys revoke <编号>   吊销
              keys list            列出：编号、名称、权限、分类、建立时间、最近使用、状态
        权限：upload 向所有上传接口传文件；admin:read 读管理接口；admin 管理接口与上传的一切。
        --classes 只与单独的 upload 一起用：只能传到这些分类。令牌只在建立时显示一次。都可以加 --节:键=值。
        """;

    public static Task<int> RunAsync(string[] words) =>
        AccessCommand.RunAsync(words, Usage, valued: [RightsOption, ClassesOption], plain: [], Plan);

    private static Func<IServiceProvider, Task<int>> Plan(AccessArguments arguments)
    {
        if (arguments.Words is ["create", var text])
        {
            var name = AccessCommand.Name(text);
            var (rights, classes) = (Rights(arguments), Classes(arguments));
            if (classes.Count > 0 && rights is not [KeyRight.Upload])
                throw new FormatException($"{ClassesOption} 只能与 {RightsOption} upload 一起用：管理接口不分分类。");
            return services => CreateAsync(services, name, rights, classes);
        }

        if (arguments.Words.Count > 0)
            arguments.AllowOnly();
        return arguments.Words switch
        {
            ["list"] => ListAsync,
            ["revoke", var number] when Number(number) is { } id => services => RevokeAsync(services, id),
            _ => throw new FormatException("参数不对。"),
        };
    }

    private static async Task<int> CreateAsync(
        IServiceProvider services, PlainName name, IReadOnlyList<KeyRight> rights, IReadOnlyList<long> classes)
    {
        var known = (await services.GetRequiredService<ImageClasses>().AllAsync(CancellationToken.None)).Select(one => one.Id).ToHashSet();
        if (classes.Where(id => !known.Contains(id)).Select(id => id.ToString(CultureInfo.InvariantCulture)).ToList() is { Count: > 0 } missing)
        {
            await AccessCommand.SayAsync($"✗ 没有分类 {string.Join('、', missing)}。");
            return AccessCommand.NotSo;
        }

        var (id, token) = await services.GetRequiredService<ApiKeys>().CreateAsync(name.Text, rights, classes, CancellationToken.None);
        await AccessCommand.WriteDownAsync(services, "key.create", Subject(id), $"{name}: {Words(rights)} {Words(classes)}".TrimEnd());
        await AccessCommand.SayAsync(string.Create(CultureInfo.InvariantCulture, $"已建立密钥 {id}（{name}）。令牌只显示这一次，放在请求头 token 里："));
        await Console.Out.WriteLineAsync(token.Reveal());
        if (!services.GetRequiredService<IOptions<AuthOptions>>().Value.ApiKeys)
            await AccessCommand.SayAsync("! 当前配置里 Auth:ApiKeys 是 false，密钥还不能用。");
        return AccessCommand.Done;
    }

    private static async Task<int> ListAsync(IServiceProvider services)
    {
        foreach (var key in await services.GetRequiredService<ApiKeys>().ListAsync(CancellationToken.None))
        {
            await Console.Out.WriteLineAsync(string.Join(
                '\t', key.Id.ToString(CultureInfo.InvariantCulture), key.Name, Words([.. key.Scope.Rights.Order()]),
                key.Scope.Classes.Count > 0 ? Words([.. key.Scope.Classes.Order()]) : "-", Time(key.CreatedAt), Time(key.UsedAt),
                key.RevokedAt is null ? "active" : "revoked"));
        }

        return AccessCommand.Done;
    }

    private static async Task<int> RevokeAsync(IServiceProvider services, long id)
    {
        var text = id.ToString(CultureInfo.InvariantCulture);
        if (!await services.GetRequiredService<ApiKeys>().RevokeAsync(id, CancellationToken.None))
        {
            await AccessCommand.SayAsync($"✗ 没有密钥 {text}，或它已经吊销。");
            return AccessCommand.NotSo;
        }

        await AccessCommand.WriteDownAsync(services, "key.revoke", Subject(id));
        await AccessCommand.SayAsync($"密钥 {text} 已吊销，最迟 2 秒内在所有节点生效。");
        return AccessCommand.Done;
    }

    private static List<KeyRight> Rights(AccessArguments arguments)
    {
        var given = arguments.Options.GetValueOrDefault(RightsOption, "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (given.Length == 0)
            throw new FormatException($"缺少 {RightsOption}：写明密钥能做什么。");
        return [.. given.Select(word => ApiKeys.Rights.TryGetValue(word, out var right)
            ? right : throw new FormatException($"{RightsOption} 只能是 {string.Join('、', ApiKeys.Rights.Keys)}，用逗号隔开。")).Distinct()];
    }

    private static List<long> Classes(AccessArguments arguments) => arguments.Options.TryGetValue(ClassesOption, out var text)
        ? [.. text.Split(',').Select(word => Number(word.Trim()) ?? throw new FormatException($"{ClassesOption} 是用逗号隔开的分类编号。"))]
        : [];

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    private static string Words(IReadOnlyCollection<KeyRight> rights) =>
        string.Join(',', ApiKeys.Rights.Where(right => rights.Contains(right.Value)).Select(right => right.Key));

    private static string Words(IReadOnlyCollection<long> classes) =>
        string.Join(',', classes.Select(id => id.ToString(CultureInfo.InvariantCulture)));

    private static string Subject(long id) => string.Create(CultureInfo.InvariantCulture, $"key:{id}");

    private static string Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "-";
}

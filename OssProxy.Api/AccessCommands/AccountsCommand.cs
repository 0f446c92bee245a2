using System.Globalization;
using Microsoft.Extensions.Options;
using OssProxy.Api.Access;
using OssProxy.Core.Identity;

namespace OssProxy.Api.AccessCommands;

/// <summary><c>dotnet OssProxy.Api.dll accounts</c>: who may sign in to the consoles. There is no account that nobody has made, and no password
/// that nobody has set.</summary>
internal static class AccountsCommand
{
    private const string Generate = "--generate";

    private const string Usage = """
        用法：accounts add <用户名> [--generate]      建立账号
              accounts passwd <用户名> [--generate]   换密码，并结束它的全部会话
              accounts disable|enable <用户名>        停用（并结束它的全部会话）或恢复
              accounts remove <用户名>                删除
              accounts list                           列出：编号、用户名、状态、建立时间
        密码在终端里提示输入，或从标准输入读一行；--generate 生成一个，只显示一次。都可以加 --节:键=值。
        """;

    public static Task<int> RunAsync(string[] words) => AccessCommand.RunAsync(words, Usage, valued: [], plain: [Generate], Plan);

    private static Func<IServiceProvider, Task<int>> Plan(AccessArguments arguments)
    {
        var generate = arguments.Options.ContainsKey(Generate);
        if (arguments.Words is not ["add" or "passwd", ..])
            arguments.AllowOnly();
        return arguments.Words switch
        {
            ["list"] => ListAsync,
            ["add", var text] when AccessCommand.Name(text) is var name => services => AddAsync(services, name, generate),
            ["passwd", var text] when AccessCommand.Name(text) is var name => services => SetPasswordAsync(services, name, generate),
            ["disable", var text] when AccessCommand.Name(text) is var name => services => ChangeAsync(
                services, name, "account.disable", "已停用，它的会话已结束", (accounts, id) => accounts.DisableAsync(id, CancellationToken.None)),
            ["enable", var text] when AccessCommand.Name(text) is var name => services => ChangeAsync(
                services, name, "account.enable", "已恢复", (accounts, id) => accounts.EnableAsync(id, CancellationToken.None)),
            ["remove", var text] when AccessCommand.Name(text) is var name => services => ChangeAsync(
                services, name, "account.remove", "已删除，它的会话已结束", (accounts, id) => accounts.DeleteAsync(id, CancellationToken.None)),
            ["add" or "passwd", _, ..] => throw new FormatException("参数太多。" + PasswordEntry.NotHere),
            _ => throw new FormatException("参数不对。"),
        };
    }

    private static async Task<int> ListAsync(IServiceProvider services)
    {
        foreach (var account in await services.GetRequiredService<Accounts>().ListAsync(CancellationToken.None))
        {
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{account.Id}\t{account.Name}\t{(account.IsEnabled ? "enabled" : "disabled")}\t{account.CreatedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"));
        }

        return AccessCommand.Done;
    }

    private static async Task<int> AddAsync(IServiceProvider services, PlainName name, bool generate)
    {
        var accounts = services.GetRequiredService<Accounts>();
        var taken = $"✗ 已有账号 {name}（用户名不分大小写）。";
        if (await accounts.FindAsync(name, CancellationToken.None) is not null)
            return await NotSoAsync(taken);

        var password = await NewPasswordAsync(name, generate);
        if (await accounts.CreateAsync(name, new Passwords().Hash(password), CancellationToken.None) is null)
            return await NotSoAsync(taken);
        await AccessCommand.WriteDownAsync(services, "account.create", name.Text);
        await TellAsync(services, $"已建立账号 {name}。", password, generate);
        return AccessCommand.Done;
    }

    private static async Task<int> SetPasswordAsync(IServiceProvider services, PlainName name, bool generate)
    {
        var accounts = services.GetRequiredService<Accounts>();
        if (await accounts.FindAsync(name, CancellationToken.None) is not { } found)
            return await NotSoAsync(None(name));

        var password = await NewPasswordAsync(name, generate);
        if (!await accounts.SetPasswordAsync(found.Account.Id, new Passwords().Hash(password), CancellationToken.None))
            return await NotSoAsync(None(name));
        await AccessCommand.WriteDownAsync(services, "account.password", found.Account.Name);
        await TellAsync(services, $"账号 {name} 已换密码，它的会话已结束。", password, generate);
        return AccessCommand.Done;
    }

    private static async Task<int> ChangeAsync(
        IServiceProvider services, PlainName name, string action, string told, Func<Accounts, long, Task<bool>> change)
    {
        var accounts = services.GetRequiredService<Accounts>();
        if (await accounts.FindAsync(name, CancellationToken.None) is not { } found)
            return await NotSoAsync(None(name));
        if (await change(accounts, found.Account.Id))
            await AccessCommand.WriteDownAsync(services, action, found.Account.Name);
        await AccessCommand.SayAsync($"账号 {found.Account.Name} {told}。");
        return AccessCommand.Done;
    }

    private static async Task<Secret> NewPasswordAsync(PlainName name, bool generate) =>
        generate ? PasswordEntry.Generate() : await PasswordEntry.ReadAsync(name, CancellationToken.None);

    private static async Task TellAsync(IServiceProvider services, string sentence, Secret password, bool generated)
    {
        await AccessCommand.SayAsync(sentence + (generated ? "密码只显示这一次：" : ""));
        if (generated)
            await Console.Out.WriteLineAsync(password.Reveal());
        if (services.GetRequiredService<IOptions<AuthOptions>>().Value is { Passwords: false } or { Sessions: false })
            await AccessCommand.SayAsync("! 当前配置里 Auth:Passwords 或 Auth:Sessions 是 false，账号还不能登录。");
    }

    private static string None(PlainName name) => $"✗ 没有账号 {name}。";

    private static async Task<int> NotSoAsync(string sentence)
    {
        await AccessCommand.SayAsync(sentence);
        return AccessCommand.NotSo;
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Identity;

namespace OssProxy.Api.AccessCommands;

/// <summary>Where a new password comes from: the terminal, unseen and twice; otherwise the first line of the standard input; or it is made here. Never
/// from the command line, which every user of the machine can read, and the shell keeps.</summary>
internal static class PasswordEntry
{
    public const string NotHere = "密码不要写在命令行上：它会留在命令历史里，也能从进程列表看到。"
        + "在终端里运行会提示输入；脚本里从标准输入给一行；或用 --generate 生成一个。";

    // 24 letters of Base64url: 144 bits.
    private const int RandomBytes = 18;

    /// <summary>One that nobody has to think up.</summary>
    public static Secret Generate() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)));

    /// <summary>Asks for one.</summary>
    /// <exception cref="FormatException">None may be made of what was entered; the message is for the operator.</exception>
    public static async Task<Secret> ReadAsync(PlainName name, CancellationToken cancellationToken)
    {
        var password = Console.IsInputRedirected
            ? new Secret(await Console.In.ReadLineAsync(cancellationToken))
            : await AskAsync("密码：");
        if (AccountPassword.FaultOf(password, name) is { } fault)
            throw new FormatException(Words(fault));
        if (!Console.IsInputRedirected && await AskAsync("再输入一次：") != password)
            throw new FormatException("两次输入的密码不一样。");
        return password;
    }

    private static string Words(PasswordFault fault) => fault switch
    {
        PasswordFault.TooShort => $"密码至少要 {AccountPassword.Shortest} 个字符。",
        PasswordFault.TooLong => $"密码最多 {AccountPassword.Longest} 个字符。",
        _ => "密码不能与用户名相同。",
    };

    private static async Task<Secret> AskAsync(string prompt)
    {
        await Console.Error.WriteAsync(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        await Console.Error.WriteLineAsync();
        return new Secret(typed.ToString());
    }
}

namespace OssProxy.Api.AccessCommands;

/// <summary>The words of a command about accounts or keys. Nothing of what an operator typed is repeated but the names of options: it may be a
/// password that went to the wrong place.</summary>
/// <param name="Words">What is no option, in order.</param>
/// <param name="Options">With their values; those that take none have an empty one.</param>
/// <param name="Settings">For the configuration.</param>
internal sealed record AccessArguments(
    IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Options, IReadOnlyList<string> Settings)
{
    /// <summary>Reads a command line.</summary>
    /// <param name="valued">The options that take a value.</param>
    /// <param name="plain">The options that take none.</param>
    /// <exception cref="FormatException">It is not understood; the message is for the operator.</exception>
    public static AccessArguments Parse(IReadOnlyList<string> arguments, string[] valued, string[] plain)
    {
        var words = new List<string>();
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        var settings = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) is [var left, var right] ? (left, right) : (arguments[i], null);
            if (!name.StartsWith('-'))
            {
                words.Add(arguments[i]);
                continue;
            }

            if (name.StartsWith("-p", StringComparison.Ordinal) || name.StartsWith("--pass", StringComparison.Ordinal))
                throw new FormatException(PasswordEntry.NotHere);
            if (plain.Contains(name) && value is null)
            {
                options[name] = "";
                continue;
            }

            var isSetting = name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal);
            if (!isSetting && !valued.Contains(name))
                throw new FormatException($"不认识的参数 {name}。");
            value ??= ++i < arguments.Count && !arguments[i].StartsWith("--", StringComparison.Ordinal)
                ? arguments[i] : throw new FormatException($"{name} 后面缺少值。");
            if (isSetting)
                settings.Add($"{name}={value}");
            else
                options[name] = value;
        }

        return new AccessArguments(words, options, settings);
    }

    /// <summary>Refuses options that the chosen words do not have.</summary>
    /// <exception cref="FormatException">There is one.</exception>
    public void AllowOnly(params string[] allowed)
    {
        if (Options.Keys.FirstOrDefault(option => !allowed.Contains(option)) is { } wrong)
            throw new FormatException($"{Words[0]} 没有参数 {wrong}。");
    }
}

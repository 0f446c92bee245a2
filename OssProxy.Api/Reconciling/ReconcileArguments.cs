using System.Globalization;

namespace OssProxy.Api.Reconciling;

/// <summary>
/// What an operator asks of <c>reconcile</c>. A word that is not understood is refused and not passed over: a misspelt <c>--dry-run</c>
/// would delete.
/// </summary>
internal sealed record ReconcileArguments
{
    public const string Usage =
        "用法：reconcile [--dry-run] [--prefix images/] [--grace 01:00:00] [--limit 1000] [--store oss|local] [--节:键=值 …]";

    /// <summary>The most that one run may be allowed to mend of a kind.</summary>
    private const int MostLimit = 1_000_000;

    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(365);

    /// <summary>Only tell.</summary>
    public bool DryRun { get; init; }

    /// <summary>A folder, with a slash at its end, or nothing for all; null for that of the uploads.</summary>
    public string? Prefix { get; init; }

    /// <summary>How old something has to be to be looked at; 0 to a year.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many differences of one kind are mended; more of them look like a mistake. 1 to 1,000,000.</summary>
    public int Limit { get; init; } = 1000;

    /// <summary>Whether the operator has said so.</summary>
    public bool IsLimitGiven { get; init; }

    /// <summary><c>oss</c> or <c>local</c>; null for the store of the main doors.</summary>
    public string? Store { get; init; }

    /// <summary>Settings, for the configuration.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Reads the words of a command line.</summary>
    /// <exception cref="FormatException">One is not understood; the message is for the operator.</exception>
    public static ReconcileArguments Parse(IReadOnlyList<string> words)
    {
        var read = new ReconcileArguments();
        var settings = new List<string>();
        for (var i = 0; i < words.Count; i++)
        {
            var (name, value) = words[i].Split('=', 2) is [var left, var right] ? (left, right) : (words[i], null);
            if (name == "--dry-run" && value is null)
            {
                read = read with { DryRun = true };
                continue;
            }

            var isSetting = name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal);
            if (!isSetting && name is not ("--prefix" or "--grace" or "--limit" or "--store"))
                throw new FormatException($"不认识的参数 {words[i]}。");
            // A word that is one of ours is no value: --prefix --dry-run must not delete.
            value ??= ++i < words.Count && !words[i].StartsWith("--", StringComparison.Ordinal)
                ? words[i] : throw new FormatException($"{name} 后面缺少值。");
            if (isSetting)
                settings.Add($"{name}={value}");
            else
                read = read.With(name, value);
        }

        return read with { Settings = settings };
    }

    private ReconcileArguments With(string name, string value) => name switch
    {
        // Everything is said by a slash: a variable that is not set must not widen the work to a whole bucket.
        "--prefix" when value.Trim().Length > 0 => this with { Prefix = value.Trim('/') is { Length: > 0 } folder ? folder + "/" : "" },
        "--grace" when TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var grace) && grace >= TimeSpan.Zero && grace <= LongestGrace =>
            this with { Grace = grace },
        "--limit" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostLimit =>
            this with { Limit = limit, IsLimitGiven = true },
        "--store" when value is "oss" or "local" => this with { Store = value },
        _ => throw new FormatException($"{name} 的值“{value}”无效。"),
    };
}

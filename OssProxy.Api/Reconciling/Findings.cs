using System.Globalization;
using System.Text;
using OssProxy.Core.Reconciliation;
using OssProxy.Core.Records;

namespace OssProxy.Api.Reconciling;

/// <summary>What <c>reconcile</c> prints: one line per difference and per mending for programs, whose first word never changes, and sentences
/// for the operator.</summary>
internal sealed class Findings(TextWriter output)
{
    private readonly int[] _found = new int[Enum.GetValues<DifferenceKind>().Length];

    /// <summary>Differences that were mended, or had gone when they were looked at again.</summary>
    public int Mended { get; private set; }

    public int Gone { get; private set; }

    public int Total => _found.Sum();

    /// <summary>Nothing differs any more.</summary>
    public bool IsAgreed => Mended + Gone == Total;

    /// <summary>How many of a kind there are.</summary>
    public int Of(DifferenceKind kind) => _found[(int)kind];

    /// <summary>Prints a difference and returns how many of its kind there are by now.</summary>
    public int Take(Difference difference)
    {
        output.WriteLine(Line(difference));
        return ++_found[(int)difference.Kind];
    }

    public void Removing(ComparedRow row, string description) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"removing-row {row.Id} {description}"));

    public void Took(Difference difference, Mended outcome)
    {
        if (outcome == Core.Reconciliation.Mended.Done)
            Mended++;
        else if (outcome == Core.Reconciliation.Mended.NotThere)
            Gone++;
        var word = outcome switch
        {
            Core.Reconciliation.Mended.Done => "mended",
            Core.Reconciliation.Mended.NotThere => "gone",
            _ => "left",
        };
        output.WriteLine($"{word} {Word(difference.Kind)} {Plain(difference.Key)}");
    }

    public void Failed(Difference difference, Exception failure) =>
        output.WriteLine($"failed {Word(difference.Kind)} {Plain(difference.Key)} {Plain(failure.Message)}");

    public void Say(string sentence) => output.WriteLine(sentence);

    public void Close(string store, string prefix, Comparison comparison, TimeSpan took)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"比较了 {store} 中{(prefix.Length > 0 ? $"以 {prefix} 开头的" : "全部")} {comparison.Objects} 个对象和 {comparison.Rows} 条记录，用时 {took.TotalSeconds:0.0} 秒。"));
        output.WriteLine(
            $"有对象无记录 {Of(DifferenceKind.ObjectWithoutRow)}，有记录无对象 {Of(DifferenceKind.RowWithoutObject)}，大小不符 {Of(DifferenceKind.SizeDiffers)}，"
            + $"遗留分片 {Of(DifferenceKind.PartsLeft)}，放弃的删除 {Of(DifferenceKind.DeletionGivenUp)}；已处理 {Mended}，复查时已不存在 {Gone}，未处理 {Total - Mended - Gone}。");
        if (comparison.Elder > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"另有 {comparison.Elder} 个对象早于本服务开始记录的时间，是以前的系统留下的：没有记录是正常的，不会处理。"));
        }

        if (comparison.Objects + comparison.Rows == 0)
            output.WriteLine("! 一个对象、一条记录也没有看到：请核对 --prefix、Oss:Bucket 和 Records:ConnectionString。");
        output.WriteLine(Total == 0 ? "记录与对象一致。" : IsAgreed ? "已全部处理。" : "仍有不一致。");
    }

    private static string Line(Difference difference)
    {
        var key = Plain(difference.Key);
        return string.Create(CultureInfo.InvariantCulture, $"{Word(difference.Kind)} ") + difference switch
        {
            { Kind: DifferenceKind.ObjectWithoutRow, Object: { } found } => string.Create(
                CultureInfo.InvariantCulture, $"{key} {found.Length} {found.LastModified.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"),
            { Kind: DifferenceKind.RowWithoutObject, Row: { } row } => string.Create(CultureInfo.InvariantCulture, $"{row.Id} {key}"),
            { Kind: DifferenceKind.SizeDiffers, Row: { } row, Object: { } found } => string.Create(
                CultureInfo.InvariantCulture, $"{row.Id} {key} {row.Size} {found.Length}"),
            { Parts: { } parts } => string.Create(
                CultureInfo.InvariantCulture, $"{key} {Plain(parts.UploadId)} {parts.BegunAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"),
            { Deletion: { } deletion } => string.Create(CultureInfo.InvariantCulture, $"{deletion.ImageId} {key} {Plain(deletion.Error ?? "")}"),
            _ => key,
        };
    }

    private static string Word(DifferenceKind kind) => kind switch
    {
        DifferenceKind.ObjectWithoutRow => "object-without-row",
        DifferenceKind.RowWithoutObject => "row-without-object",
        DifferenceKind.SizeDiffers => "size-differs",
        DifferenceKind.PartsLeft => "parts-left",
        _ => "deletion-given-up",
    };

    // A line is words between single spaces, whatever a key holds.
    private static string Plain(string text)
    {
        if (!text.Any(MustGo))
            return text;
        var plain = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (MustGo(c))
                plain.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
            else
                plain.Append(c);
        }

        return plain.ToString();
    }

    private static bool MustGo(char c) => c is ' ' or '%' || char.IsControl(c);
}

using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>Classes by who stands above whom, siblings in the order in which they were given. What hangs on no root is not in it.</summary>
internal sealed class ClassTree(IEnumerable<ImageClass> classes)
{
    private const string NoClassName = "未分类";

    private readonly ILookup<long, ImageClass> _below = classes.ToLookup(one => one.ParentId);

    /// <summary>Each class, those below it, the next one; the roots have level 0.</summary>
    public IEnumerable<(ImageClass Class, int Level)> Flat() => Flat(0, 0);

    /// <summary>The roots, with those below them.</summary>
    public IReadOnlyList<ClassRow> Nested(Func<ImageClass, int, ClassRow> row) => Nested(0, 0, row);

    /// <summary>What each class holds by itself and with those below it, after what is in none.</summary>
    public IReadOnlyList<UsageRow> Usage(IReadOnlyList<ClassUsage> usage)
    {
        var own = usage.ToDictionary(one => one.ClassId);
        var all = Flat().Select(one => one.Class).ToList();
        var sums = all.ToDictionary(one => one.Id, one => Of(own, one.Id));

        // From the leaves up: whoever is below comes later in the list.
        foreach (var one in Enumerable.Reverse(all).Where(one => one.ParentId != 0))
        {
            var (above, part) = (sums[one.ParentId], sums[one.Id]);
            sums[one.ParentId] = above with { Images = above.Images + part.Images, Bytes = above.Bytes + part.Bytes };
        }

        var none = Of(own, 0);
        return
        [
            new UsageRow(0, 0, NoClassName, none.Images, none.Bytes, none.Images, none.Bytes),
            .. all.Select(one => Row(one, Of(own, one.Id), sums[one.Id])),
        ];
    }

    private static UsageRow Row(ImageClass one, ClassUsage own, ClassUsage sum) =>
        new(one.Id, one.ParentId, one.Name, own.Images, own.Bytes, sum.Images, sum.Bytes);

    private static ClassUsage Of(Dictionary<long, ClassUsage> own, long id) => own.GetValueOrDefault(id) ?? new ClassUsage(id, 0, 0);

    // No deeper than classes may lie: what a damaged table holds must not end the process.
    private IEnumerable<(ImageClass Class, int Level)> Flat(long above, int level)
    {
        if (level == ImageClasses.MaxDepth)
            yield break;
        foreach (var one in _below[above])
        {
            yield return (one, level);
            foreach (var lower in Flat(one.Id, level + 1))
                yield return lower;
        }
    }

    private List<ClassRow> Nested(long above, int level, Func<ImageClass, int, ClassRow> row) => level == ImageClasses.MaxDepth
        ? []
        : [.. _below[above].Select(one => row(one, level) with { Children = Nested(one.Id, level + 1, row) })];
}

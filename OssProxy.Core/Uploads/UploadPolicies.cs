using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Extensions.Options;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Transfers;

namespace OssProxy.Core.Uploads;

/// <summary>
/// Makes the policy of an upload from the door it comes through, the class that it goes to and the configuration. A class is read from the
/// database for every upload into one, so that a change holds at once and on every node, for long uploads also when they end; an upload into
/// none costs no query.
/// </summary>
/// <param name="classes">Null where no records are kept: there are no classes then.</param>
/// <param name="database">Null likewise.</param>
public sealed class UploadPolicies(
    ObjectStores stores, TransferSelector transfers, ObjectNaming naming, IOptions<UploadOptions> options, TimeProvider time,
    ImageClasses? classes = null, RecordsDatabase? database = null)
{
    // What the local doors' URLs have always begun with, below /public/uploads.
    public const string LocalParent = "Diy";

    private static readonly FrozenSet<FileType> AllTypes = FileTypeCatalog.All.ToFrozenSet();

    private readonly Lock _gate = new();
    private readonly ClassPolicy _deployment = options.Value.Policy();
    private readonly FrozenSet<FileType> _types = Types(options.Value.Policy().Types);
    private Task<long> _looking = Task.FromResult(0L);

    /// <summary>A main door: into the main store, under the prefix of the class.</summary>
    /// <param name="maxFiles">Most files in one request of this door.</param>
    /// <param name="transfer">The transfer that the request asks for; null or empty for the class's.</param>
    /// <param name="refusesUnknownClass">See <see cref="UploadDoor.RefusesUnknownClass"/>.</param>
    /// <exception cref="UploadException"><see cref="UploadError.TransferUnknown"/>.</exception>
    public UploadDoor MainDoor(int maxFiles, string? transfer, Sender sender, bool refusesUnknownClass = false) => new()
    {
        Store = stores.Main,
        MaxFiles = maxFiles,
        Name = naming.Random,
        Transfer = Known(transfer),
        Sender = sender,
        RefusesUnknownClass = refusesUnknownClass,
    };

    /// <summary>A local door: onto this machine's disk, in a folder that the route names (<c>a_b</c> is <c>a/b</c>); null for
    /// none.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.FolderInvalid"/> or
    /// <see cref="UploadError.TransferUnknown"/>.</exception>
    public UploadDoor LocalDoor(string? folder, string? transfer, Sender sender) => new()
    {
        Store = stores.Local,
        MaxFiles = 1,
        Name = naming.Numbered,
        Folder = folder is null ? UploadFolder.Root
            : UploadFolder.TryParseRoute(folder, out var parsed) ? parsed.Under(LocalParent)
            : throw new UploadException(UploadError.FolderInvalid, "The folder in the route is not a plain name."),
        Transfer = Known(transfer),
        Sender = sender,
    };

    /// <summary>The policy of uploads through a door into a class. A number that names no enabled class is no class at a client's
    /// door, and a mistake at a console's.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.ClassUnknown"/>, <see cref="UploadError.ClassClosed"/>,
    /// <see cref="UploadError.ClassNotGranted"/>.</exception>
    /// <exception cref="RecordsException"><see cref="RecordsError.DailyLimitReached"/>; the database cannot be reached.</exception>
    public async Task<UploadPolicy> ForAsync(UploadDoor door, long classId, CancellationToken cancellationToken)
    {
        var own = await OfClassAsync(classId, cancellationToken);
        if (own is null && classId > 0 && door.RefusesUnknownClass && classes is not null)
            throw new UploadException(UploadError.ClassUnknown, $"There is no enabled class {classId}.");

        if (door.Sender.Classes?.Contains(own is null ? 0 : classId) == false)
            throw new UploadException(UploadError.ClassNotGranted, $"The sender may not upload into class {classId}.");

        var policy = Make(door, own is null ? 0 : classId, own?.Over(_deployment) ?? _deployment) with { NamedClassId = classId };
        if (policy.Usage is { } usage && database is not null)
            await usage.RequireRoomAsync(database, cancellationToken);
        return policy;
    }

    /// <summary>What a class takes, for a file that has been let in before: whether its owner may come now, and what is left of their day, is
    /// not asked.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.PolicyUnreadable"/>.</exception>
    public async Task<UploadPolicy> OfStoredAsync(UploadDoor door, long classId, CancellationToken cancellationToken) =>
        Make(door with { Sender = door.Sender with { OpensEveryClass = true } }, classId, await EffectiveAsync(classId, cancellationToken));

    /// <summary>Refuses a request of which no class is known yet when it announces more than any class takes. Costs nothing where it is within
    /// what a class takes by default.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.FileTooLarge"/>.</exception>
    public async Task RequireLengthAsync(UploadDoor door, long? announced, CancellationToken cancellationToken)
    {
        var largest = _deployment.MaxFileBytes!.Value;
        if (!(announced > UploadPolicy.RequestBytes(largest, door.MaxFiles)))
            return;

        largest = Math.Max(largest, await LargestOfClassesAsync(cancellationToken));
        Make(door, classId: 0, _deployment with { MaxFileBytes = largest }).RequireLength(announced);
    }

    /// <summary>What holds for a class after everything is inherited; for 0 the deployment's own policy.</summary>
    public async Task<ClassPolicy> EffectiveAsync(long classId, CancellationToken cancellationToken) =>
        Fold(classes is null || classId == 0 ? [] : await classes.LineageAsync(classId, cancellationToken)).Over(_deployment);

    /// <summary>What a sender may store in a class today; null for any amount.</summary>
    public DailyUsage? UsageOf(ClassPolicy policy, Sender sender, long classId)
    {
        var files = Least(policy.FilesPerDay, sender.FilesPerDay);
        var bytes = Least(policy.BytesPerDay, sender.BytesPerDay);
        if (files is null && bytes is null)
            return null;

        var now = time.GetUtcNow();
        var today = int.Parse(naming.DateOf(now), CultureInfo.InvariantCulture);
        return new DailyUsage(sender.CountedAs, classId, today, files, bytes) { EndsAt = naming.EndOfDay(now) };
    }

    /// <summary>How long what is deleted now can be restored, for every class.</summary>
    public async Task<Retentions> RetentionsAsync(CancellationToken cancellationToken)
    {
        var all = classes is null ? [] : await classes.AllAsync(cancellationToken);
        var below = all.ToLookup(one => one.ParentId);
        var retentions = new Dictionary<long, TimeSpan>(all.Count);
        var open = new Queue<(ImageClass Class, TimeSpan Above)>(below[0].Select(one => (one, Retention(_deployment))));
        while (open.TryDequeue(out var next))
        {
            var own = next.Class.Policy is { } policy ? ClassPolicy.ParseKept(policy).RetentionSeconds : null;
            var retention = own is { } seconds ? TimeSpan.FromSeconds(seconds) : next.Above;
            if (retentions.TryAdd(next.Class.Id, retention))
            {
                foreach (var one in below[next.Class.Id])
                    open.Enqueue((one, retention));
            }
        }

        return new Retentions(Retention(_deployment), retentions);
    }

    private static long? Least(long? one, long? other) => one < other || other is null ? one : other;

    private static TimeSpan Retention(ClassPolicy policy) => TimeSpan.FromSeconds(policy.RetentionSeconds ?? 0);

    private static ClassPolicy Fold(IEnumerable<ImageClass> lineage) =>
        lineage.Aggregate(ClassPolicy.Empty, (policy, one) => one.Policy is { } above ? policy.Over(ClassPolicy.ParseKept(above)) : policy);

    private static FrozenSet<FileType> Types(IReadOnlyList<string>? names) =>
        names is null ? AllTypes : names.Select(FileTypeCatalog.Find).OfType<FileType>().ToFrozenSet();

    // All classes are read for it, and anybody can make us ask by announcing much: those who ask at once have one look together.
    private Task<long> LargestOfClassesAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_looking.IsCompleted)
                _looking = LookAsync();
            return _looking.WaitAsync(cancellationToken);
        }

        async Task<long> LookAsync()
        {
            var all = classes is null ? [] : await classes.AllAsync(CancellationToken.None);
            return all.Select(one => one.Policy).OfType<string>().Max(policy => ClassPolicy.ParseKept(policy).MaxFileBytes) ?? 0;
        }
    }

    // Null for no class; a class below a disabled one is disabled, too.
    private async Task<ClassPolicy?> OfClassAsync(long classId, CancellationToken cancellationToken)
    {
        if (classId == 0 || classes is null)
            return null;
        var lineage = await classes.LineageAsync(classId, cancellationToken);
        return lineage.Count > 0 && lineage.All(one => one.Enabled) ? Fold(lineage) : null;
    }

    private UploadPolicy Make(UploadDoor door, long classId, ClassPolicy policy)
    {
        if (!policy.IsWhole)
            throw new UploadException(UploadError.PolicyUnreadable, $"The policy of class {classId}, or of one above it, cannot be read.");
        if (policy.Clients == false && !door.Sender.OpensEveryClass)
            throw new UploadException(UploadError.ClassClosed, $"Class {classId} takes no uploads of clients.");

        var transfer = transfers.Find(door.Transfer ?? policy.Transfer!) ?? transfers.Default;
        return new UploadPolicy
        {
            ClassId = classId,
            MaxFileBytes = Math.Min(Least(policy.MaxFileBytes, door.Sender.MaxFileBytes)!.Value, transfer.MaxBytes(door.Store)),
            MaxFiles = door.MaxFiles,
            Types = ReferenceEquals(policy.Types, _deployment.Types) ? _types : Types(policy.Types),
            Store = door.Store,
            Transfer = transfer,
            Folder = door.Folder ?? UploadFolder.ParsePrefix(policy.Prefix!),
            Name = door.Name,
            AsAttachment = policy.Disposition == "attachment",
            KeepName = policy.KeepName == true,
            Sha256 = policy.Sha256 == true,
            Treatment = PictureTreatment.Of(policy),
            TimeBudget = TimeSpan.FromSeconds(policy.TimeBudgetSeconds!.Value),
            Usage = UsageOf(policy, door.Sender, classId),
            Owner = door.Sender.Owner,
            CreatedBy = door.Sender.Name,
            GrantId = door.GrantId,
        };
    }

    private string? Known(string? transfer) =>
        string.IsNullOrEmpty(transfer) ? null
        : transfers.Find(transfer) is not null ? transfer
        : throw new UploadException(UploadError.TransferUnknown, "The query names an unknown transfer.");
}

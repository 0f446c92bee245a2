using System.Security.Cryptography;
using OssProxy.Core.Storage;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Doors;

/// <summary>The attacks of the table on every way that goes past us: what is refused at our own doors comes in by none of these, whoever refuses
/// it, and leaves nothing behind.</summary>
public abstract class GrantAttackSpecs(DoorHouse house)
{
    // A client of the chat names its class before the file: what such a door owes is owed here.
    private static readonly Door Model = Door.All.Single(door => door.Name == "chat, class before the file");

    // What OSS calls our errors.
    private static readonly Dictionary<string, string> InOss = new(StringComparer.Ordinal)
    {
        ["FileTooLarge"] = "EntityTooLarge",
        ["FileEmpty"] = "EntityTooSmall",
        ["TypeNotAllowed"] = "AccessDenied",
        ["DailyLimitReached"] = "QpsLimitExceeded",
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var attack in Attack.All.Where(CanBeTried))
            {
                foreach (var door in GrantDoor.All)
                    cases.Add(attack.Name, door.Name);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_way_past_us_answers_as_the_policy_demands(string attackName, string doorName)
    {
        var attack = Attack.All.Single(one => one.Name == attackName);
        var door = GrantDoor.All.Single(one => one.Name == doorName);
        if (door.IsDirect && !house.HasOss)
        {
            (await door.KnockAsync(house.Server, 0, new Parcel())).Code.Should().Be("DirectUploadOff");
            return;
        }

        var owed = attack.Owed(Model)!;
        var classId = await house.ClassAsync(attack);
        for (var i = 0; i < attack.Before; i++)
            (await door.KnockAsync(house.Server, classId, new Parcel())).Code.Should().BeEmpty();
        var before = await house.CountAsync();

        var outcome = await door.KnockAsync(house.Server, classId, attack.Parcel);

        if (owed.Code.Length > 0)
        {
            outcome.Code.Should().BeOneOf(owed.Code, InOss.GetValueOrDefault(owed.Code, owed.Code));
            await Eventually.TrueAsync(async () => await house.CountAsync() == before, "no object and no row is left");
            return;
        }

        outcome.Code.Should().BeEmpty();
        (await house.CountAsync()).Should().Be(new DoorHouse.Count(before.Rows + 1, before.Objects + 1));
        await ShouldBeFiledAsync(attack, door, classId);
    }

    [Fact]
    public void Most_of_the_table_can_be_tried() => Attack.All.Count(CanBeTried).Should().BeGreaterThan(20);

    // What is about the grammar of a form of ours means nothing to a store.
    private static bool CanBeTried(Attack attack) =>
        attack.Parcel is { Twice: false, Chunked: false, AsText: false, CutOff: false, Compressed: false, OtherClass: null, Query: "" };

    private async Task ShouldBeFiledAsync(Attack attack, GrantDoor door, long classId)
    {
        var row = await house.LastRowAsync();
        var policy = attack.Policy ?? "";
        row.ClassId.Should().Be(attack.Disabled || attack.Deleted ? 0 : classId);
        row.Path.Should().StartWith(
            !door.NamesFile ? "uploads/guest-" : policy.Contains("private/papers", StringComparison.Ordinal) ? "private/papers/" : "images/");

        // The key of one file was made before its first byte was seen: it ends as its name did, and its type is what it is.
        row.Path.Should().EndWith(door.NamesFile ? Path.GetExtension(attack.Parcel.FileName) : ".jpg").And.NotContain("..");
        if (policy.Contains("sha256", StringComparison.Ordinal))
            row.Sha256.Should().Be(Convert.ToHexStringLower(SHA256.HashData(attack.Parcel.Content)));
        if (policy.Contains("attachment", StringComparison.Ordinal) && house.HasOss)
        {
            (await house.HeadAsync(ObjectKey.Parse(row.Path))).ContentDisposition.Should().StartWith("attachment; filename*=UTF-8''")
                .And.MatchRegex("^[ -~]*$").And.NotContain("\"");
        }

        if (house.HasOss)
            (await house.HeadAsync(ObjectKey.Parse(row.Path))).ContentType.Should().Be("image/jpeg");
    }
}

public sealed class OssAndSqliteGrantAttackSpecs(OssAndSqlite house) : GrantAttackSpecs(house), IClassFixture<OssAndSqlite>;

[Collection(PostgresCollection.Name)]
public sealed class OssAndPostgresGrantAttackSpecs(OssAndPostgres house) : GrantAttackSpecs(house), IClassFixture<OssAndPostgres>;

public sealed class DiskAndSqliteGrantAttackSpecs(DiskAndSqlite house) : GrantAttackSpecs(house), IClassFixture<DiskAndSqlite>;

using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Streams;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Doors;

/// <summary>Every attack on every door: the answer is the one that is owed, and what is refused leaves nothing behind.</summary>
public abstract class AttackSpecs(DoorHouse house)
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var attack in Attack.All)
            {
                foreach (var door in Door.All.Where(door => attack.Owed(door) is not null))
                    cases.Add(attack.Name, door.Name);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_door_answers_as_the_policy_demands(string attackName, string doorName)
    {
        var attack = Attack.All.Single(one => one.Name == attackName);
        var door = Door.All.Single(one => one.Name == doorName);
        var owed = attack.Owed(door)!;
        var classId = await house.ClassAsync(attack);
        for (var i = 0; i < attack.Before; i++)
            (await door.KnockAsync(house.Server, classId, new Parcel())).ShouldBeOk();
        var before = await house.CountAsync();

        var answer = await door.KnockAsync(house.Server, classId, attack.Parcel);

        if (owed.Code.Length > 0)
        {
            answer.ShouldFail(owed.Status, owed.Code);
            await Eventually.TrueAsync(async () => await house.CountAsync() == before, "no object and no row is left");
        }
        else
        {
            answer.ShouldBeOk();
            await ShouldBeFiledAsync(attack, door, classId, before, answer);
        }

        house.Server.SpoolFiles().Should().BeEmpty();
        StoreContents.HasParts(house.Server.Folder).Should().BeFalse();
        await Eventually.TrueAsync(
            () => Task.FromResult(house.Server.Services.GetRequiredService<BufferBudget>().HeldBytes == 0), "no buffer is held");
    }

    [Fact]
    public void Every_door_is_attacked_and_every_attack_tried()
    {
        Door.All.Should().AllSatisfy(door => Attack.All.Count(attack => attack.Owed(door) is not null).Should().BeGreaterThan(5));
        Attack.All.Should().AllSatisfy(attack => Door.All.Count(door => attack.Owed(door) is not null).Should().BeGreaterThan(5));
    }

    // What was let in stands in a row as the policy demands it.
    private async Task ShouldBeFiledAsync(Attack attack, Door door, long classId, DoorHouse.Count before, Answer answer)
    {
        var files = attack.Parcel.Twice ? 2 : 1;
        (await house.CountAsync()).Should().Be(new DoorHouse.Count(before.Rows + files, before.Objects + (door.TakesLinks ? 0 : files)));

        var row = await house.LastRowAsync();
        row.ClassId.Should().Be(attack.Disabled || attack.Deleted ? 0 : classId);
        row.Owner.Should().Be(door.IsAdmin ? "admin" : "");
        if (door.TakesLinks)
            return;

        (door.IsLocal ? answer.Data : answer.Row).GetProperty("image_class_id").GetInt64().Should().Be(classId, "it is what the form has named");
        var policy = attack.Policy ?? "";
        if (!door.IsLocal)
            row.Path.Should().MatchRegex(
                $"^{(policy.Contains("private/papers", StringComparison.Ordinal) ? "private/papers" : "images")}/[0-9]{{8}}/[0-9]{{13}}_[0-9a-f]{{12}}\\.jpg$");
        if (policy.Contains("sha256", StringComparison.Ordinal))
            row.Sha256.Should().Be(Convert.ToHexStringLower(SHA256.HashData(attack.Parcel.Content)));
        else
            row.Sha256.Should().BeNull();
        if (policy.Contains("attachment", StringComparison.Ordinal) || policy.Contains("keep_name", StringComparison.Ordinal))
            await ShouldBeGivenOutAsync(policy, row, answer, door);
    }

    private async Task ShouldBeGivenOutAsync(string policy, DoorHouse.Row row, Answer answer, Door door)
    {
        var url = (door.IsLocal ? answer.Data : answer.Row).GetProperty("url").GetString()!;
        var disposition = await house.DispositionAsync(row, url, door.IsLocal);
        disposition.Should().StartWith(policy.Contains("attachment", StringComparison.Ordinal) ? "attachment; filename*=UTF-8''" : "inline; filename*=UTF-8''")
            .And.MatchRegex("^[ -~]*$").And.NotContain("..").And.NotContain("/").And.NotContain("\"");
        if (policy.Contains("keep_name", StringComparison.Ordinal))
            row.Name.Should().NotBeEmpty().And.NotContain("/").And.NotContain("\n").And.NotContain("\u202E");
        else
            row.Name.Should().BeEmpty();
    }
}

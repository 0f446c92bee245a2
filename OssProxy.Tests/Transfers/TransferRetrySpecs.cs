using OssProxy.Emulator;
using OssProxy.Tests.Oss;

namespace OssProxy.Tests.Transfers;

/// <summary>One fault of the store's that passes is not noticed: a small file and a part are sent again.</summary>
public sealed class TransferRetrySpecs(EmulatedStore oss) : IClassFixture<EmulatedStore>, IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TransferBench _bench = new(oss);

    public static TheoryData<string> Faults =>
    [
        "stale connection", "reset half-way", "reply lost", "500", "503", "RequestTimeout", "clock skew", "reply truncated", "wrong checksum",
    ];

    public void Dispose() => _bench.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_small_file_is_sent_again(string fault)
    {
        var key = oss.NewKey();
        using var rule = oss.Emulator.Faults.Add(Rule(fault) with { Operation = OssOperation.PutObject, KeyPattern = key.Value, Count = 1 });

        var stored = await _bench.SendAsync("auto", oss.Store, key, 700_000);

        rule.Hits.Should().Be(1);
        stored.Length.Should().Be(700_000);
        await EmulatedStore.ShouldHoldAsync(oss.Store.Store, key, 700_000);
        await _bench.NothingShouldRemainAsync();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_part_is_sent_again(string fault)
    {
        foreach (var transfer in new[] { "auto", "parts" })
        {
            var key = oss.NewKey();
            using var rule = oss.Emulator.Faults.Add(
                Rule(fault) with { Operation = OssOperation.UploadPart, KeyPattern = key.Value, First = 2, Count = 1 });

            await _bench.SendAsync(transfer, oss.Store, key, (3 * MiB) + 10);

            rule.Hits.Should().Be(1);
            await EmulatedStore.ShouldHoldAsync(oss.Store.Store, key, (3 * MiB) + 10);
            await _bench.NothingShouldRemainAsync();
        }
    }

    [Theory]
    [InlineData("reply lost")]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("clock skew")]
    public async Task The_joining_is_asked_for_again(string fault)
    {
        var key = oss.NewKey();
        using var rule = oss.Emulator.Faults.Add(
            Rule(fault) with { Operation = OssOperation.CompleteMultipartUpload, KeyPattern = key.Value, Count = 1 });

        await _bench.SendAsync("auto", oss.Store, key, (3 * MiB) + 10);

        rule.Hits.Should().Be(1);
        await EmulatedStore.ShouldHoldAsync(oss.Store.Store, key, (3 * MiB) + 10);
        await _bench.NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_fault_that_does_not_pass_is_told_and_leaves_nothing()
    {
        var key = oss.NewKey();
        using var rule = oss.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.UploadPart, KeyPattern = key.Value, First = 2, Status = 500 });

        var send = () => _bench.SendAsync("auto", oss.Store, key, (5 * MiB) + 10);

        await send.Should().ThrowAsync<Core.Storage.StoreException>().Where(failure => failure.Error == Core.Storage.StoreError.StoreFailed);
        (await oss.Store.Store.HeadAsync(key, _bench.Deadline)).Should().BeNull();
        await _bench.NothingShouldRemainAsync();
    }

    private static FaultRule Rule(string fault) => fault switch
    {
        "stale connection" => new FaultRule { Reset = FaultReset.BeforeBody },
        "reset half-way" => new FaultRule { Reset = FaultReset.DuringBody, ResetAfterBytes = 1 },
        "reply lost" => new FaultRule { Reset = FaultReset.BeforeReply },
        "500" => new FaultRule { Status = 500, ConsumeBody = true },
        "503" => new FaultRule { Status = 503, ConsumeBody = true },
        "RequestTimeout" => new FaultRule { Status = 400, Code = "RequestTimeout", ConsumeBody = true },
        "clock skew" => new FaultRule { ClockSkew = TimeSpan.FromHours(1) },
        "reply truncated" => new FaultRule { Status = 500, ConsumeBody = true, TruncateReplyAfterBytes = 10 },
        "wrong checksum" => new FaultRule { WrongCrc = true },
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}

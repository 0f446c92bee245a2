using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Faults;

namespace OssProxy.Tests.Soak;

/// <summary>One upload of a soak, all of it given by seed and number, so that a run can be repeated.</summary>
internal sealed class SoakUpload
{
    private const int Smallest = 200;
    private const int Small = 30_000;
    private static readonly byte[] Largest = Samples.PhotoOf(3 << 20);
    private readonly Random _random;

    public SoakUpload(int seed, int number)
    {
        _random = new Random(unchecked((seed * 1_000_003) + number));
        Length = _random.Next(100) switch
        {
            0 => _random.Next(1 << 20, Largest.Length),
            < 10 => _random.Next(Small, 10 * Small),
            _ => _random.Next(Smallest, Small),
        };
        Mode = Way.All[_random.Next(Way.All.Length)].Name;
        LeavesAt = _random.NextDouble() < 0.12 ? _random.NextDouble() : null;
        Leaves = (Leaving)_random.Next(3);
        Weather = _random.NextDouble() < 0.12 ? _random.Next(8) : null;
    }

    /// <summary>How a client leaves that leaves.</summary>
    public enum Leaving
    {
        Close,
        Reset,
        HalfClose,
    }

    /// <summary>Bytes of the file.</summary>
    public int Length { get; }

    /// <summary>The transfer.</summary>
    public string Mode { get; }

    /// <summary>The share of its form that a client sends before it leaves; null for one that stays.</summary>
    public double? LeavesAt { get; }

    public Leaving Leaves { get; }

    /// <summary>What goes wrong at the store about now, for whoever comes next; null for nothing.</summary>
    public int? Weather { get; }

    public ulong Crc64 => Core.Oss.Crc64.Compute(Largest.AsSpan(0, Length));

    public Form Form => new Form().Field("imageClassId", "7").File("img", "soak.jpg", Largest.AsSpan(0, Length));

    /// <summary>What the emulator does to the next put.</summary>
    public FaultRule? Rule => Weather switch
    {
        0 => Put with { Status = 500, ConsumeBody = true },
        1 => Put with { Status = 503 },
        2 => Put with { Reset = FaultReset.BeforeReply },
        3 => Put with { Reset = FaultReset.DuringBody, ResetAfterBytes = Length / 2 },
        4 => Put with { WrongCrc = true },
        _ => null,
    };

    /// <summary>What the network does to the next put.</summary>
    public Fault? Fault => Weather switch
    {
        5 => new Fault(FaultKind.Reset, Moment.InBody) { Request = "PUT ", At = Length / 2, Times = 1 },
        6 => new Fault(FaultKind.Corruption, Moment.InBody) { Request = "PUT ", At = Length / 3, Times = 1 },
        7 => new Fault(FaultKind.Fin, Moment.BeforeAnswer) { Request = "PUT ", Times = 1 },
        _ => null,
    };

    private static FaultRule Put => new() { Operation = OssOperation.PutObject, Count = 1 };

}

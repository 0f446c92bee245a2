using System.Globalization;

namespace OssProxy.Tests.Soak;

/// <summary>What a process holds at one moment, as the kernel counts it.</summary>
/// <param name="Resident">Bytes of memory.</param>
/// <param name="Handles">Open files, sockets among them.</param>
/// <param name="Sockets">Open sockets.</param>
internal sealed record SoakSample(double Resident, double Handles, double Sockets)
{
    public static SoakSample Of(int process)
    {
        var handles = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(Target).OfType<string>().ToList();
        var resident = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return new SoakSample(
            1024 * double.Parse(resident, CultureInfo.InvariantCulture), handles.Count, handles.Count(target => target.StartsWith("socket:", StringComparison.Ordinal)));
    }

    /// <summary>The mean of one quarter of a run, from 1 to 4.</summary>
    public static SoakSample Quarter(IReadOnlyList<SoakSample> samples, int number)
    {
        var part = samples.Skip(samples.Count * (number - 1) / 4).Take(samples.Count / 4).ToList();
        return new SoakSample(part.Average(one => one.Resident), part.Average(one => one.Handles), part.Average(one => one.Sockets));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Resident / (1 << 20):0.0} MiB, {Handles:0.0} handles, {Sockets:0.0} sockets");

    // Null for one that was closed in the meantime.
    private static string? Target(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

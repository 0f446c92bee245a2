namespace OssProxy.Tests.Conformance;

/// <summary>Pictures of every format, spoilt: bits turned, ends cut off, pieces copied over others or put in, lengths made extreme, two files
/// spliced. The same seed gives the same files.</summary>
internal sealed class PictureMutations(int seed)
{
    private static readonly byte[][] Extremes = [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0xFF, 0xFF], [0, 1]];

    private readonly byte[][] _files = [.. Sources().Select(File.ReadAllBytes)];

    /// <summary>A file by its number.</summary>
    public byte[] At(int number)
    {
        var chance = new Random(unchecked((seed * 397) ^ number));
        var file = _files[number % _files.Length].ToArray();
        for (var times = chance.Next(1, 5); times > 0; times--)
            file = Spoil(file, chance);
        return file;
    }

    // Small ones: what is tried is the reading of formats, not the moving of pixels.
    private static IEnumerable<string> Sources()
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "Samples");
        return Directory.EnumerateFiles(Path.Combine(samples, "conformance"))
            .Concat(Directory.EnumerateFiles(samples, "plain.*")).Concat(Directory.EnumerateFiles(samples, "*.gif")).Append(Path.Combine(samples, "orientation-gps.jpg"))
            .Where(path => PictureJudge.FormatOf(File.ReadAllBytes(path)) != "none" && new FileInfo(path).Length < 60_000)
            .Order(StringComparer.Ordinal);
    }

    private byte[] Spoil(byte[] file, Random chance)
    {
        if (file.Length < 16)
            return file;

        // The beginning says most, so that is where most is spoilt.
        var within = chance.Next(2) == 0 ? Math.Min(file.Length, 256) : file.Length;
        switch (chance.Next(7))
        {
            case 0:
                for (var bits = chance.Next(1, 20); bits > 0; bits--)
                    file[chance.Next(within)] ^= (byte)(1 << chance.Next(8));
                return file;
            case 1:
                return file[..chance.Next(8, file.Length)];
            case 2:
                var length = chance.Next(1, Math.Min(file.Length / 2, 64));
                file.AsSpan(chance.Next(file.Length - length), length).CopyTo(file.AsSpan(chance.Next(file.Length - length)));
                return file;
            case 3:
                var extreme = Extremes[chance.Next(Extremes.Length)];
                extreme.CopyTo(file, chance.Next(Math.Max(1, within - extreme.Length)));
                return file;
            case 4:
                var at = chance.Next(file.Length);
                var put = new byte[chance.Next(1, 200)];
                chance.NextBytes(put);
                return [.. file[..at], .. put, .. file[at..]];
            case 5:
                var other = _files[chance.Next(_files.Length)];
                return [.. file[..chance.Next(8, file.Length)], .. other[chance.Next(other.Length)..]];
            default:
                file.AsSpan(chance.Next(within), chance.Next(1, 16) is var run && run < file.Length - within ? run : 1).Fill((byte)chance.Next(256));
                return file;
        }
    }
}

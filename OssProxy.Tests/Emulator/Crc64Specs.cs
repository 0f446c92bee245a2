using System.Globalization;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator.Storage;

namespace OssProxy.Tests.Emulator;

public sealed class Crc64Specs
{
    private static readonly JsonElement Vectors =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "crc64.json"))).RootElement;

    [Fact]
    public void Checksums_are_those_of_the_official_SDKs()
    {
        foreach (var vector in Vectors.GetProperty("single").EnumerateArray())
            Compute(Bytes(vector.GetProperty("data")), int.MaxValue).Should().Be(Expected(vector, "crc64"), vector.GetProperty("id").GetString());
    }

    [Fact]
    public void Pieces_of_any_size_give_the_same_checksum()
    {
        var vector = Vectors.GetProperty("incremental")[0];
        var bytes = Bytes(vector.GetProperty("data"));
        Compute(bytes, vector.GetProperty("chunkBytes").GetInt32()).Should().Be(Expected(vector, "crc64"));
        Compute(bytes, 7).Should().Be(Expected(vector, "crc64"));
    }

    [Fact]
    public void The_checksum_of_the_whole_follows_from_those_of_the_parts()
    {
        foreach (var vector in Vectors.GetProperty("combine").EnumerateArray())
        {
            var whole = vector.GetProperty("parts").EnumerateArray()
                .Aggregate(0UL, (crc, part) => Crc64.Combine(crc, Expected(part, "crc64"), part.GetProperty("length").GetInt64()));
            whole.Should().Be(Expected(vector, "combined"), vector.GetProperty("id").GetString());
        }
    }

    private static ulong Compute(byte[] bytes, int piece)
    {
        var crc = default(Crc64);
        for (var offset = 0; offset < bytes.Length; offset += Math.Min(piece, bytes.Length - offset))
            crc.Append(bytes.AsSpan(offset, Math.Min(piece, bytes.Length - offset)));

        return crc.Value;
    }

    private static ulong Expected(JsonElement vector, string name) => ulong.Parse(vector.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static byte[] Bytes(JsonElement data) => data.GetProperty("kind").GetString() switch
    {
        "utf8" => Encoding.UTF8.GetBytes(data.GetProperty("text").GetString()!),
        "hex" => Convert.FromHexString(data.GetProperty("hex").GetString()!),
        "repeat" => [.. Enumerable.Repeat((byte)data.GetProperty("byte").GetInt32(), data.GetProperty("length").GetInt32())],
        _ => [.. Enumerable.Range(0, data.GetProperty("length").GetInt32()).Select(i => (byte)((i * 31) + 7))],
    };
}

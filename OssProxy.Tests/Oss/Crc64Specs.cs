using System.Globalization;
using System.Text;
using System.Text.Json;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

public sealed class Crc64Specs
{
    public static TheoryData<string> Single => Ids("single");

    public static TheoryData<string> Combined => Ids("combine");

    public static TheoryData<string> Incremental => Ids("incremental");

    [Theory]
    [MemberData(nameof(Single))]
    public void A_piece_has_the_checksum_that_the_official_SDKs_compute(string id)
    {
        var vector = Case("single", id);
        Crc64.Compute(Bytes(vector.GetProperty("data"))).Should().Be(Crc(vector, "crc64"));
    }

    [Theory]
    [MemberData(nameof(Combined))]
    public void Checksums_of_parts_fold_into_that_of_the_whole(string id)
    {
        var vector = Case("combine", id);
        ulong crc = 0;
        foreach (var part in vector.GetProperty("parts").EnumerateArray())
        {
            Crc64.Compute(Bytes(part.GetProperty("data"))).Should().Be(Crc(part, "crc64"));
            crc = Crc64.Combine(crc, Crc(part, "crc64"), part.GetProperty("length").GetInt64());
        }

        crc.Should().Be(Crc(vector, "combined"));
    }

    [Theory]
    [MemberData(nameof(Incremental))]
    public void Bytes_fed_in_chunks_have_the_checksum_of_the_whole(string id)
    {
        var vector = Case("incremental", id);
        var crc = new Crc64();
        foreach (var chunk in Bytes(vector.GetProperty("data")).Chunk(vector.GetProperty("chunkBytes").GetInt32()))
            crc.Append(chunk);

        crc.Value.Should().Be(Crc(vector, "crc64"));
    }

    [Fact]
    public void Every_length_and_every_cut_agree()
    {
        var bytes = Enumerable.Range(0, 67).Select(n => (byte)(n * 37)).ToArray();
        for (var length = 0; length <= bytes.Length; length++)
        {
            var whole = Crc64.Compute(bytes.AsSpan(0, length));
            for (var cut = 0; cut <= length; cut++)
            {
                Crc64.Combine(Crc64.Compute(bytes.AsSpan(0, cut)), Crc64.Compute(bytes.AsSpan(cut, length - cut)), length - cut)
                    .Should().Be(whole);
            }
        }
    }

    [Fact]
    public void Parts_of_terabytes_combine()
    {
        // Appending a run of zeros twice is appending it once with double length.
        const long Long = 1L << 45;
        var zeros = Crc64.Combine(Crc64.Compute([1]), 0, Long);
        Crc64.Combine(zeros, 0, Long).Should().Be(Crc64.Combine(Crc64.Compute([1]), 0, 2 * Long));
    }

    private static TheoryData<string> Ids(string kind) =>
        [.. SignatureVector.Document("crc64").GetProperty(kind).EnumerateArray().Select(c => c.GetProperty("id").GetString()!)];

    private static JsonElement Case(string kind, string id) =>
        SignatureVector.Document("crc64").GetProperty(kind).EnumerateArray().Single(c => c.GetProperty("id").GetString() == id);

    private static ulong Crc(JsonElement element, string name) => ulong.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static byte[] Bytes(JsonElement data) => data.GetProperty("kind").GetString() switch
    {
        "utf8" => Encoding.UTF8.GetBytes(data.GetProperty("text").GetString()!),
        "hex" => Convert.FromHexString(data.GetProperty("hex").GetString()!),
        "repeat" => [.. Enumerable.Repeat(data.GetProperty("byte").GetByte(), data.GetProperty("length").GetInt32())],
        _ => [.. Enumerable.Range(0, data.GetProperty("length").GetInt32()).Select(n => (byte)((n * 31) + 7))],
    };
}

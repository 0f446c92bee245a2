using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OssProxy.Core.Grants;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Grants;

/// <summary>No policy is without a range of sizes, whatever is asked for.</summary>
public sealed class PolicyPropertySpecs
{
    [Fact]
    public void A_policy_of_whatever_is_pinned_has_one_range_of_sizes_and_reads_as_it_was_written()
    {
        var sizes = Gen.Choose(1, int.MaxValue).Two().Select(pair => (Min: (long)Math.Min(pair.Item1, pair.Item2), Max: (long)Math.Max(pair.Item1, pair.Item2)));
        var texts = Gen.Elements("", "a", "猫/照片.jpg", "\"quoted\"", "a\\b", "line\nbreak", "\u0001", "<&>", "é", "😀", "a$b", "\\$").ArrayOf(3);
        var versions = Gen.Elements(PolicyVersion.V1, PolicyVersion.V4);

        Prop.ForAll(
            sizes.Zip(texts).Zip(versions).ToArbitrary(),
            drawn =>
            {
                var ((size, values), version) = drawn;
                var policy = new PostPolicy(DateTimeOffset.UnixEpoch.AddYears(60), "bucket", new SizeRange(size.Min, size.Max));
                for (var i = 0; i < values.Length; i++)
                    policy.Pin($"field-{i}", values[i]);
                var signed = PostSignature.Sign(policy, version, new OssCredentials("id", "secret", null), "cn-hangzhou", DateTimeOffset.UnixEpoch.AddYears(60));

                using var document = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(signed.Policy)));
                var conditions = document.RootElement.GetProperty("conditions").EnumerateArray().ToList();
                var ranges = conditions.Where(one => one.ValueKind == JsonValueKind.Array && one[0].GetString() == "content-length-range").ToList();
                ranges.Should().ContainSingle();
                (ranges[0][1].GetInt64(), ranges[0][2].GetInt64()).Should().Be(size);
                conditions[0].GetProperty("bucket").GetString().Should().Be("bucket");

                var read = PolicyDocument.Parse(signed.Policy);
                read.Sizes.Should().Be(size);
                var fields = signed.Fields.ToDictionary(field => field.Key.ToLowerInvariant(), field => field.Value);
                fields["bucket"] = "bucket";

                // What begins with a backslash and a dollar sign is an escape to whoever reads it.
                if (!values.Contains("\\$"))
                    read.Broken(fields.GetValueOrDefault).Should().BeNull();
                fields["field-0"] += "x";
                read.Broken(fields.GetValueOrDefault).Should().NotBeNull();
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(2, 1)]
    [InlineData(1, (5L << 30) + 1)]
    public void A_range_that_is_none_cannot_be_made(long min, long max)
    {
        var making = () => new SizeRange(min, max);

        making.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["eq","$key","a"]],"conditions":[]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","expiration":"2031-01-01T00:00:00.000Z","conditions":[["eq","$key","a"]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[{"key":"a","key":"b"}]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[{"key":"a","bucket":"b"}]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":{}}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z"}""")]
    [InlineData("""{"conditions":[["eq","$key","a"]]}""")]
    [InlineData("""{"expiration":"tomorrow","conditions":[["eq","$key","a"]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["eq","key","a"]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["like","$key","a"]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["eq","$key"]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["eq","$key",1]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["in","$key","a"]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["in","$key",[]]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["content-length-range",2,1]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["content-length-range","1","2"]]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":["key"]}""")]
    [InlineData("""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["eq","$key","$x"]]}""")]
    [InlineData("""[1]""")]
    [InlineData("no JSON")]
    public void A_document_that_could_be_read_in_two_ways_or_in_none_is_refused(string json)
    {
        var reading = () => PolicyDocument.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes(json)));

        reading.Should().Throw<GrantException>().Which.Error.Should().Be(GrantError.PolicyMalformed);
    }

    [Theory]
    [InlineData("""["eq","$key","a"]""", "a", true)]
    [InlineData("""["eq","$key","a"]""", "A", false)]
    [InlineData("""["eq","$KEY","a"]""", "a", true)]
    [InlineData("""["eq","$key","a"]""", null, false)]
    [InlineData("""["eq","$key",""]""", null, false)]
    [InlineData("""{"key":"a"}""", "a", true)]
    [InlineData("""{"key":"a"}""", "ab", false)]
    [InlineData("""["starts-with","$key","a/"]""", "a/b", true)]
    [InlineData("""["starts-with","$key","a/"]""", "a", false)]
    [InlineData("""["starts-with","$key",""]""", "anything", true)]
    [InlineData("""["starts-with","$key",""]""", null, false)]
    [InlineData("""["in","$key",["a","b"]]""", "b", true)]
    [InlineData("""["in","$key",["a","b"]]""", "c", false)]
    [InlineData("""["in","$key",["a","b"]]""", null, false)]
    [InlineData("""["not-in","$key",["a","b"]]""", "c", true)]
    [InlineData("""["not-in","$key",["a","b"]]""", "a", false)]
    [InlineData("""["not-in","$key",["a","b"]]""", null, false)]
    [InlineData("""["eq","$key","\\$x"]""", "$x", true)]
    public void Every_mode_of_condition_is_kept(string condition, string? value, bool holds)
    {
        var json = $$"""{"expiration":"2030-01-01T00:00:00Z","conditions":[{{condition}}]}""";

        var broken = PolicyDocument.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes(json))).Broken(field => field == "key" ? value : null);

        (broken is null).Should().Be(holds);
        if (!holds)
            broken.Should().Be(condition);
    }
}

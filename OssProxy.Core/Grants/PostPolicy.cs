using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OssProxy.Core.Grants;

/// <summary>
/// A policy of a form that is posted to the store (OSS API reference: PostObject, "Post Policy"). The signature covers the policy alone, so
/// what no condition pins may be anything: a policy begins with the bucket and the range of sizes, and there is none without. Fields that
/// are pinned to one value are sent as well, and both come from here, so that they cannot differ.
/// </summary>
public sealed class PostPolicy
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<string[]> _conditions = [];
    private readonly List<KeyValuePair<string, string>> _fields = [];
    private readonly DateTimeOffset _expiration;
    private readonly string _bucket;
    private readonly SizeRange _size;

    public PostPolicy(DateTimeOffset expiration, string bucket, SizeRange size)
    {
        (_expiration, _bucket, _size) = (expiration, bucket, size);
    }

    /// <summary>The fields that a form has to send, in order, without the policy itself and its proof.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => _fields;

    /// <summary>Pins a field to one value, and has it sent.</summary>
    public PostPolicy Pin(string field, string value)
    {
        Require(value);
        _fields.Add(KeyValuePair.Create(field, value));
        _conditions.Add(["eq", "$" + field, value]);
        return this;
    }

    /// <summary>Has a field's value begin with a text.</summary>
    public PostPolicy StartsWith(string field, string prefix)
    {
        Require(prefix);
        _conditions.Add(["starts-with", "$" + field, prefix]);
        return this;
    }

    /// <summary>The policy as it is signed and sent: Base64 of its JSON.</summary>
    public string ToBase64()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Format))
        {
            json.WriteStartObject();
            json.WriteString("expiration", _expiration.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteStartArray("conditions");
            json.WriteStartObject();
            json.WriteString("bucket", _bucket);
            json.WriteEndObject();
            json.WriteStartArray();
            json.WriteStringValue("content-length-range");
            json.WriteNumberValue(_size.Min);
            json.WriteNumberValue(_size.Max);
            json.WriteEndArray();
            foreach (var condition in _conditions)
            {
                json.WriteStartArray();
                foreach (var text in condition)
                    json.WriteStringValue(text);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Convert.ToBase64String(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    public override string ToString() => $"A policy with {_conditions.Count} conditions";

    // A dollar sign at the beginning is an escape of its own in policies; no value of ours begins with one.
    private static void Require(string value)
    {
        if (value.StartsWith('$'))
            throw new ArgumentException("A value must not begin with a dollar sign.", nameof(value));
    }
}

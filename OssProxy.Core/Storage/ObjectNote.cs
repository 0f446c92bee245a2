using System.Text.Json;
using System.Text.Json.Serialization;

namespace OssProxy.Core.Storage;

/// <summary>What a local store keeps beside an object's bytes.</summary>
/// <param name="Length">The object's size: a note of another version is recognised by it and not believed.</param>
internal sealed record ObjectNote(string Key, long Length, string ContentType, string? ContentDisposition, string? CacheControl)
{
    /// <summary>For a file that did not come through the store: bytes of which nothing is known.</summary>
    private const string UnknownType = "application/octet-stream";

    /// <summary>The note as bytes of a file.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ObjectNoteJson.Default.ObjectNote);

    /// <summary>Reads the note of an object; when there is none, or one of another version, a note that claims nothing.</summary>
    public static async Task<ObjectNote> ReadAsync(string path, ObjectKey key, long length, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            if (JsonSerializer.Deserialize(bytes, ObjectNoteJson.Default.ObjectNote) is { } note
                && note.Key == key.Value && note.Length == length)
                return note;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // Placed by hand, or half of what a power cut left.
        }

        return new ObjectNote(key.Value, length, UnknownType, ContentDisposition: null, CacheControl: null);
    }
}

[JsonSerializable(typeof(ObjectNote))]
internal sealed partial class ObjectNoteJson : JsonSerializerContext;

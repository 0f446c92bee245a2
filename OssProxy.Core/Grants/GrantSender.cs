using System.Text.Json;
using System.Text.Json.Serialization;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>Who was given a grant, as it is kept beside it: by the time the file has come nobody is there to be asked.</summary>
internal static class GrantSender
{
    public static string Write(Sender sender) => JsonSerializer.Serialize(
        new Kept(
            sender.Owner, sender.Name, sender.CountedAs, sender.OpensEveryClass, sender.Classes?.ToArray(), sender.MaxFileBytes,
            sender.FilesPerDay, sender.BytesPerDay),
        KeptSenderJson.Default.Kept);

    public static Sender Read(string kept)
    {
        var sender = JsonSerializer.Deserialize(kept, KeptSenderJson.Default.Kept)!;
        return new Sender(sender.Owner, sender.Name)
        {
            CountedAs = sender.CountedAs,
            OpensEveryClass = sender.OpensEveryClass,
            Classes = sender.Classes?.ToHashSet(),
            MaxFileBytes = sender.MaxFileBytes,
            FilesPerDay = sender.FilesPerDay,
            BytesPerDay = sender.BytesPerDay,
        };
    }

    internal sealed record Kept(
        string Owner, string Name, string CountedAs, bool OpensEveryClass, long[]? Classes, long? MaxFileBytes, long? FilesPerDay,
        long? BytesPerDay);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(GrantSender.Kept))]
internal sealed partial class KeptSenderJson : JsonSerializerContext;

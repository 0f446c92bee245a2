using System.Globalization;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Doors;

/// <summary>Where a form names its class.</summary>
internal enum Naming
{
    Address,
    Before,
    Behind,
}

/// <summary>
/// A way into the store. Whoever adds one adds it here, and every attack of the table is tried on it: that is the whole of "one policy, every
/// door".
/// </summary>
internal sealed record Door(string Name, string Path, string Field, Naming Naming)
{
    /// <summary>Every way in that there is.</summary>
    public static IReadOnlyList<Door> All { get; } =
    [
        .. ByEveryNaming("chat", "/api/chat/uploadAliyun"),
        new("chat, streamed", "/api/chat/uploadAliyun?mode=stream", "img", Naming.Before),
        new("chat, by way of a temp file", "/api/chat/uploadAliyun?mode=temp", "img", Naming.Before),
        new("chat, in parts", "/api/chat/uploadAliyun?mode=parts", "img", Naming.Behind),
        .. ByEveryNaming("shop console", "/shop/admin/image/uploadAliyun"),
        .. ByEveryNaming("console", "/admin/image/upload"),
        new("console, by way of a temp file", "/api/admin/image/uploadAliyun?mode=temp", "img", Naming.Before),
        new("local folder", "/api/chat/uploadStreamSingleToServerDiy/chatImgs", "file", Naming.Before),
        new("local folder, addressed", "/uploadStreamSingleToServerDiy/adminImg", "file", Naming.Address),
        new("local folder, class behind", "/uploadStreamSingleToServerDiy/a_b", "file", Naming.Behind),
        new("local, by way of a temp file", "/uploadStreamSingleToServer?mode=temp", "file", Naming.Before),
        new("registered URL", "/shop/admin/image", "", Naming.Before),
    ];

    public bool IsAdmin => Path.Contains("/admin/", StringComparison.Ordinal);

    public bool IsLocal => Path.Contains("uploadStreamSingle", StringComparison.Ordinal);

    /// <summary>Whether it takes the address of a file that lies elsewhere, so that no byte comes through it.</summary>
    public bool TakesLinks => Field.Length == 0;

    /// <summary>Whether one request may bring several files.</summary>
    public bool TakesSeveral => IsAdmin && !TakesLinks;

    /// <summary>Brings a parcel for a class (0 for none).</summary>
    public async Task<Answer> KnockAsync(ApiServer server, long classId, Parcel parcel)
    {
        var path = Path + Joint(Path, parcel.Query);
        if (Naming == Naming.Address)
            path += Joint(path, string.Create(CultureInfo.InvariantCulture, $"imageClassId={classId}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = TakesLinks
                ? Link(classId, parcel)
                : parcel.ToForm(Field, Naming == Naming.Before ? classId : null, Naming == Naming.Behind ? classId : null),
        };
        if (IsAdmin)
            request.Headers.Add("token", ApiServer.AdminKey);
        using var response = await server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public override string ToString() => Name;

    private static IEnumerable<Door> ByEveryNaming(string name, string path) =>
    [
        new(name + ", class in the address", path, "img", Naming.Address),
        new(name + ", class before the file", path, "img", Naming.Before),
        new(name + ", class behind the file", path, "img", Naming.Behind),
    ];

    private static string Joint(string path, string query) =>
        query.Length == 0 ? "" : (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query;

    private static FormUrlEncodedContent Link(long classId, Parcel parcel) => new(new Dictionary<string, string>
    {
        ["url"] = "https://img.example.com/" + Uri.EscapeDataString(parcel.FileName),
        ["name"] = "a picture",
        ["image_class_id"] = classId.ToString(CultureInfo.InvariantCulture),
    });
}

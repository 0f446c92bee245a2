using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Doors;

/// <summary>What came of a file that went by a grant.</summary>
/// <param name="Code">The error's name, of ours or of OSS; empty when there is a record.</param>
internal sealed record GrantOutcome(string Code, JsonElement Record);

/// <summary>
/// A way into the store that goes past us, or through our gateway as if it did: a grant, the file, the confirmation. Whoever adds one adds it
/// here, and the attacks of the table are tried on it as on every <see cref="Door"/>.
/// </summary>
/// <param name="Way">What is asked for.</param>
/// <param name="NamesFile">Whether the grant is for one file, which is then named.</param>
internal sealed record GrantDoor(string Name, string Way, bool NamesFile)
{
    /// <summary>Every way in that there is.</summary>
    public static IReadOnlyList<GrantDoor> All { get; } =
    [
        new("form for a folder", "?via=direct", false),
        new("form for a folder, V4", "?via=direct&version=4", false),
        new("form for a file", "?via=direct", true),
        new("form for a file, V4", "?via=direct&version=4", true),
        new("form for the gateway", "?via=gateway", false),
        new("form of a file for the gateway", "?via=gateway&version=4", true),
        new("put", "put", true),
        new("parts", "parts", true),
    ];

    /// <summary>Whether it needs an OSS.</summary>
    public bool IsDirect => !Way.Contains("gateway", StringComparison.Ordinal);

    /// <summary>Brings a parcel for a class (0 for none).</summary>
    public Task<GrantOutcome> KnockAsync(ApiServer server, long classId, Parcel parcel) => Way switch
    {
        "put" => PutAsync(server, classId, parcel),
        "parts" => PartsAsync(server, classId, parcel),
        _ => PostAsync(server, classId, parcel),
    };

    public override string ToString() => Name;

    private async Task<GrantOutcome> PostAsync(ApiServer server, long classId, Parcel parcel)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"{Way}&imageClassId={classId}");
        if (NamesFile)
            query += string.Create(CultureInfo.InvariantCulture, $"&file_name={Uri.EscapeDataString(parcel.FileName)}&size={parcel.Content.Length}");
        using var asked = await server.Client.GetAsync(new Uri("/oss/policy" + query, UriKind.Relative));
        var policy = await Answer.ReadAsync(asked);
        if (policy.ErrorCode is { } code)
            return new GrantOutcome(code, default);

        var form = new Form();
        var key = NamesFile ? null : policy.Data.GetProperty("dir").GetString() + Guid.NewGuid().ToString("N") + ".jpg";
        if (key is not null)
            form.Field("key", key);
        foreach (var field in policy.Data.GetProperty("fields").EnumerateObject())
            form.Field(field.Name, field.Value.GetString()!);
        using var content = form.File("file", parcel.FileName, parcel.Content, parcel.DeclaredType).ToContent();
        using var posted = await server.Client.PostAsync(new Uri(policy.Data.GetProperty("host").GetString()!), content);
        return await ConfirmAsync(server, policy.Data, key, posted);
    }

    private static async Task<GrantOutcome> PutAsync(ApiServer server, long classId, Parcel parcel)
    {
        using var asked = await server.Client.PostAsJsonAsync(
            "/oss/presign", new { file_name = parcel.FileName, size = parcel.Content.Length, imageClassId = classId });
        var grant = await Answer.ReadAsync(asked);
        if (grant.ErrorCode is { } code)
            return new GrantOutcome(code, default);

        using var request = new HttpRequestMessage(HttpMethod.Put, grant.Row.GetProperty("url").GetString()) { Content = new ByteArrayContent(parcel.Content) };
        foreach (var header in grant.Row.GetProperty("headers").EnumerateObject())
        {
            if (!request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString()))
                request.Content.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
        }

        using var put = await server.Client.SendAsync(request);
        return await ConfirmAsync(server, grant.Row, key: null, put);
    }

    private static async Task<GrantOutcome> PartsAsync(ApiServer server, long classId, Parcel parcel)
    {
        using var asked = await server.Client.PostAsJsonAsync(
            "/oss/parts", new { file_name = parcel.FileName, size = parcel.Content.Length, imageClassId = classId });
        var grant = await Answer.ReadAsync(asked);
        if (grant.ErrorCode is { } code)
            return new GrantOutcome(code, default);

        foreach (var part in grant.Data.GetProperty("urls").EnumerateArray())
        {
            var at = (int)((part.GetProperty("number").GetInt32() - 1) * grant.Data.GetProperty("part_size").GetInt64());
            using var content = new ByteArrayContent(parcel.Content, at, part.GetProperty("size").GetInt32());
            using var put = await server.Client.PutAsync(new Uri(part.GetProperty("url").GetString()!), content);
            put.EnsureSuccessStatusCode();
        }

        using var joined = await server.Client.PostAsync($"/oss/parts/{grant.Data.GetProperty("grant").GetString()}/complete", content: null);
        return Told(await Answer.ReadAsync(joined));
    }

    // What the store refused is not there to be confirmed.
    private static async Task<GrantOutcome> ConfirmAsync(ApiServer server, JsonElement grant, string? key, HttpResponseMessage sent)
    {
        using var asked = await server.Client.PostAsJsonAsync("/oss/confirm", new { grant = grant.GetProperty("grant").GetString(), key });
        var confirmed = await Answer.ReadAsync(asked);
        if (sent.IsSuccessStatusCode)
            return Told(confirmed);

        confirmed.ErrorCode.Should().Be("ObjectMissing");
        var text = await sent.Content.ReadAsStringAsync();
        var from = text.IndexOf("<Code>", StringComparison.Ordinal) + "<Code>".Length;
        return new GrantOutcome(text[from..text.IndexOf("</Code>", StringComparison.Ordinal)], default);
    }

    private static GrantOutcome Told(Answer answer) => new(answer.ErrorCode ?? "", answer.Data);
}

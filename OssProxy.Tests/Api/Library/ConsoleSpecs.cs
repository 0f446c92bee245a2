using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OssProxy.Tests.Api.Library;

/// <summary>A server, and the requests of a console: each with the key in its header, a body in JSON or as jQuery writes it.</summary>
public abstract class ConsoleSpecs : ApiSpecs
{
    private static readonly (string Pattern, string Mark)[] Changing =
    [
        (@"http://127\.0\.0\.1:\d+/test-bucket/", "OSS/"),
        (@"images/\d{8}/\d{13}_[0-9a-f]{12}", "KEY"),
        (@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "UTC"),
        (@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
    ];

    /// <summary>With a body in JSON; null for none.</summary>
    internal Task<Answer> SendAsync(string method, string path, string? json = null) =>
        SendAsync(method, path, json is null ? null : Json(json));

    /// <summary>With the fields of a form that jQuery encodes.</summary>
    internal Task<Answer> SendFormAsync(string path, string fields) => SendAsync("POST", path, Encoded(fields));

    internal async Task<Answer> SendAsync(string method, string path, HttpContent? body, string? token = ApiServer.AdminKey)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative)) { Content = body };
        if (token is not null)
            request.Headers.Add("token", token);
        using var response = await Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Photos into a class, in the form that el-upload and jQuery send; the answer is the upload door's business.</summary>
    internal async Task<Answer> UploadAsync(string path, long classId, params string[] names)
    {
        var form = new Form().Field("image_class_id", classId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (var name in names)
            form.File("img", name, Samples.Photo, "image/jpeg");
        using var content = form.ToContent();
        var answer = await SendAsync("POST", path, content);
        answer.ShouldBeOk();
        answer.Data.GetArrayLength().Should().Be(names.Length);
        return answer;
    }

    /// <summary>A class, made through the console of the shop; its id.</summary>
    internal async Task<long> ClassAsync(string name, long parent = 0)
    {
        var made = await SendAsync("POST", "/admin/image_class", JsonSerializer.Serialize(new { name, pid = parent }));
        made.ShouldBeOk();
        return made.Data.GetProperty("id").GetInt64();
    }

    /// <summary>A registered URL; its id.</summary>
    internal async Task<long> LinkAsync(string name, long classId = 0, int order = 50)
    {
        var body = JsonSerializer.Serialize(new { url = "https://cdn.example.com/" + Uri.EscapeDataString(name) + ".png", name, image_class_id = classId, order });
        (await SendAsync("POST", "/shop/admin/image", body)).ShouldBeOk();
        return (await SendAsync("GET", "/admin/image/search/1?limit=1")).Data.GetProperty("list")[0].GetProperty("id").GetInt64();
    }

    internal static async Task<string[]> NamesAsync(Task<Answer> listing) =>
        [.. (await listing).Data.GetProperty("list").EnumerateArray().Select(row => row.GetProperty("name").GetString()!)];

    internal static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    internal static StringContent Encoded(string fields)
    {
        var content = new StringContent(fields, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded; charset=UTF-8");
        return content;
    }

    /// <summary>An answer's data as it was written, but for what differs from run to run.</summary>
    internal static string Steady(Answer answer) => Changing.Aggregate(
        answer.Data.GetRawText(),
        (text, one) => Regex.Replace(text, one.Pattern, one.Mark, RegexOptions.None, TimeSpan.FromSeconds(1)));
}

internal static class AnswerWords
{
    /// <summary>Success, with exactly these data but for what differs from run to run.</summary>
    public static void ShouldSay(this Answer answer, string data)
    {
        answer.ShouldBeOk();
        ConsoleSpecs.Steady(answer).Should().Be(data);
    }

    /// <summary>A refusal in exactly these words.</summary>
    public static void ShouldRefuse(this Answer answer, int status, string words)
    {
        ((int)answer.Status).Should().Be(status, answer.Text);
        answer.Message.Should().Be(words);
        answer.Data.GetString().Should().Be(words);
    }
}

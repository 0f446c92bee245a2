using System.Text;
using Microsoft.Data.Sqlite;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>The chat clients bring the token of their own server, and it opens the door.</summary>
public sealed class JwtUploadSpecs : ApiSpecs
{
    private const string Chat = "/api/chat/uploadAliyun";
    private const string Hash = "5f4dcc3b5aa765d61d8327deb882cf99";
    private const string Visitor = """{"id":9,"username":"游客9","role":"visitor","status":1}""";

    private static readonly JwtIssuer Issuer = JwtIssuer.One;

    protected override (string, string)[] Settings =>
    [
        ("Guests:Allowed", "false"),
        ("Auth:Jwt:Keys:0:Secret", JwtIssuer.Secret),
        ("Auth:Jwt:Keys:1:Algorithm", "RS256"),
        ("Auth:Jwt:Keys:1:PublicKey", Issuer.RsaPem.ReplaceLineEndings("\\n")),
    ];

    public static TheoryData<string?, int, string, string> Refusals => new()
    {
        { null, 401, "TokenMissing", "您没有权限访问即时通讯接口" },
        { Issuer.Sign("HS256", """{"id":7,"exp":1767600000}"""), 401, "TokenExpired", "Token已过期！请重新获取令牌" },
        { Issuer.Sign("HS256") + "A", 401, "TokenInvalid", "Token 令牌不合法！" },
        { Issuer.Sign("HS512"), 401, "TokenInvalid", "Token 令牌不合法！" },
        { Issuer.Sign("HS256", """{"id":7,"x":"$"}""".Replace("$", new string('x', 8000), StringComparison.Ordinal)), 401, "TokenInvalid", "Token 令牌不合法！" },
        { Issuer.Sign("HS256", """{"id":7,"username":"li","role":"user","status":0}"""), 403, "UserDisabled", "当前用户不存在或者已被禁用" },
        { Issuer.Sign("HS256", Visitor), 403, "GuestNotAllowed", "您没有权限访问，请先注册或登录" },
    };

    [Fact]
    public async Task A_user_of_the_chat_server_uploads_as_themself_and_nothing_else_of_the_row_is_kept()
    {
        (await PostAsync(Chat, Photo(), ("token", Issuer.Sign("HS256")))).ShouldBeOk();
        (await PostAsync(Chat, Photo(), ("Authorization", "Bearer " + Issuer.Sign("RS256", """{"id":"8"}""")))).ShouldBeOk();

        (await OwnersAsync(Server)).Should().Equal("jwt:7", "jwt:8");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Server.Folder, "data"), "records.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            Encoding.Latin1.GetString(bytes.ToArray()).Should().NotContain(Hash);
        }
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_token_that_is_no_good_is_refused_in_the_words_that_chat_clients_know(string? token, int status, string code, string text)
    {
        var answer = await PostAsync(Chat, Photo(), token is null ? [] : [("token", token)]);

        answer.ShouldFail(status, code);
        answer.Message.Should().Be(text);
        await NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_visitor_of_the_chat_server_is_a_guest_and_uploads_where_guests_may()
    {
        await using var server = await ApiServer.StartAsync(
            ("Guests:Allowed", "true"), ("Guests:MaxFileBytes", "10"), ("Auth:Jwt:Keys:0:Secret", JwtIssuer.Secret));

        async Task<Answer> SendAsync(Form form)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Chat) { Content = form.ToContent() };
            request.Headers.Add("token", Issuer.Sign("HS256", Visitor));
            using var response = await server.Client.SendAsync(request);
            return await Answer.ReadAsync(response);
        }

        (await SendAsync(new Form().File("img", "a.txt", "text"u8))).ShouldBeOk();
        (await SendAsync(Photo())).ShouldFail(413, "FileTooLarge");
        (await OwnersAsync(server)).Should().Equal("jwt:9");
    }

    private static Form Photo() => new Form().File("img", "a.jpg", Samples.Photo);

    private static async Task<List<string>> OwnersAsync(ApiServer server)
    {
        var database = Path.Combine(server.Folder, "data", "records.db");
        await using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT owner FROM image WHERE state = 'stored' ORDER BY id";
        await using var reader = await command.ExecuteReaderAsync();
        var owners = new List<string>();
        while (await reader.ReadAsync())
            owners.Add(reader.GetString(0));
        return owners;
    }
}

using System.Net;

namespace OssProxy.Tests.Api.Library;

public sealed class ConsoleRouteSpecs : ConsoleSpecs
{
    [Fact]
    public void The_list_names_every_route_that_the_library_has() =>
        ConsoleRoutes.All.Select(one => $"{one.Method} {one.Path.Split('?')[0]}").Should().BeEquivalentTo(ConsoleRoutes.Mapped(Server.Services));

    [Fact]
    public async Task Every_route_answers_who_has_the_key()
    {
        foreach (var (method, path, body) in ConsoleRoutes.All)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative)) { Content = body is null ? null : Json(body) };
            request.Headers.Add("token", ApiServer.AdminKey);
            using var response = await Server.Client.SendAsync(request);

            // A class or an image that an earlier request deleted is refused in words; nothing is unknown, and nothing fails.
            response.StatusCode.Should().BeOneOf([HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.Conflict], $"{method} {path}");
        }
    }

    [Fact]
    public async Task Every_route_refuses_who_has_no_key_in_its_familys_words_before_it_reads_a_byte()
    {
        foreach (var (method, path, _) in ConsoleRoutes.All)
        {
            using var broken = method == "POST" ? Json("{") : null;
            var answer = await SendAsync(method, path, broken, token: null);

            answer.ShouldFail(401, "TokenMissing");
            answer.Message.Should().Be(ConsoleRoutes.Stranger(path), path);
        }
    }

    [Fact]
    public async Task A_route_beside_an_id_is_not_taken_for_one()
    {
        (await SendAsync("POST", "/admin/image/upload")).ErrorCode.Should().Be("NotMultipart");
        (await SendAsync("POST", "/shop/admin/image/uploadAliyun")).ErrorCode.Should().Be("NotMultipart");
        (await SendAsync("POST", "/admin/image/nothing")).ErrorCode.Should().BeOneOf("RouteNotFound", "MethodNotAllowed");
        (await SendAsync("POST", "/admin/image/1x")).ErrorCode.Should().BeOneOf("RouteNotFound", "MethodNotAllowed");
    }
}

/// <summary>A deployment that keeps no records has no library, and says so to whoever has the key.</summary>
public sealed class ConsoleWithoutRecordsSpecs : ConsoleSpecs
{
    protected override (string, string)[] Settings => [("Records:Provider", "none")];

    [Fact]
    public async Task Every_route_says_that_there_are_no_records()
    {
        foreach (var (method, path, body) in ConsoleRoutes.All)
            (await SendAsync(method, path, body)).ShouldFail(501, "RecordsOff");
        (await SendAsync("GET", "/admin/image_class/1", body: null, token: "wrong")).ShouldRefuse(401, "非法token，请先登录！");
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OssProxy.Core.Identity;
using OssProxy.Tests.Identity;

namespace OssProxy.Tests.Browsers;

/// <summary>The console's pages and its cookie in a browser that keeps its own rules: what it sends from where, what it runs, what scripts see.</summary>
public sealed class ConsoleBrowserSpecs(Chromium chromium) : AccountSpecs, IClassFixture<Chromium>
{
    private const string Whoever = "/admin/image_class/1";

    protected override (string Key, string Value)[] Settings => [("Rates:SignInsPerMinute", "0")];

    private string Console => new Uri(Server.Address, "/console").ToString();

    [Fact]
    public async Task Somebody_signs_in_ends_another_session_and_signs_out_and_the_browser_has_nothing_to_complain_of()
    {
        await NewAccountAsync("li");
        var elsewhere = await TokenAsync("li");
        await using var visit = await chromium.VisitAsync();
        var page = visit.Page;

        await page.GotoAsync(Console);
        await SignInAsync(page, Password, "办公室");
        await page.GetByRole(AriaRole.Heading, new() { Name = "li", Exact = true }).WaitForAsync();
        page.Url.Should().Be(Console);
        (await page.EvaluateAsync<string>("document.cookie")).Should().BeEmpty("no script sees the session");
        var cookie = (await visit.CookiesAsync(Server.Address)).Should().ContainSingle().Subject;
        cookie.Should().BeEquivalentTo(new { HttpOnly = true, SameSite = SameSiteAttribute.Strict, Expires = -1f });

        await page.ReloadAsync();
        var rows = page.Locator("tr", new() { Has = page.GetByRole(AriaRole.Button) });
        (await rows.CountAsync()).Should().Be(2, "reloading sends no form again");
        await rows.Filter(new() { HasText = "test" }).GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        (await GetAsync(Whoever, ("token", elsewhere))).ShouldFail(401, "TokenInvalid");

        await page.GetByRole(AriaRole.Button, new() { Name = "退出登录" }).ClickAsync();
        await page.GetByLabel("用户名").WaitForAsync();
        (await visit.CookiesAsync(Server.Address)).Should().BeEmpty();
        (await GetAsync(Whoever, ("token", cookie.Value))).ShouldFail(401, "TokenInvalid");
        visit.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_the_form_is_there_for_another_try()
    {
        await NewAccountAsync("li");
        await using var visit = await chromium.VisitAsync();

        await visit.Page.GotoAsync(Console);
        await SignInAsync(visit.Page, "not the password");
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("用户名或密码错误");
        await SignInAsync(visit.Page, Password);

        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "li", Exact = true }).WaitForAsync();
    }

    [Fact]
    public async Task The_pages_have_their_style_and_nothing_that_was_typed_runs()
    {
        const string evil = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script>";
        var id = await NewAccountAsync("li");
        await Server.Services.GetRequiredService<Sessions>().BeginAsync(SessionKind.Admin, id, evil, CancellationToken.None);
        await using var visit = await chromium.VisitAsync();
        var page = visit.Page;

        await page.GotoAsync(Console);
        await SignInAsync(page, Password);

        await page.GetByText(evil).WaitForAsync();
        (await page.EvaluateAsync<bool>("'ran' in window")).Should().BeFalse();
        (await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('main')).maxWidth")).Should().Be("736px");
        await page.SetViewportSizeAsync(390, 800);
        (await page.EvaluateAsync<int>("Math.max(...[...document.querySelectorAll('button')].map(one => Math.ceil(one.getBoundingClientRect().right)))"))
            .Should().BeLessThanOrEqualTo(390, "on a telephone every button is in sight");

        // Whoever finds a way to put a piece of a page in finds that it does not run.
        await page.EvaluateAsync("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran=1\"><b onclick=\"window.ran=1\">b</b>')");
        await page.GetByText("b", new() { Exact = true }).ClickAsync();
        (await page.EvaluateAsync<bool>("'ran' in window")).Should().BeFalse();
        visit.Complaints.Should().Contain(line => line.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_sites_page_does_nothing_with_the_cookie_even_where_the_browser_sends_it(bool isNear)
    {
        await NewAccountAsync("li");
        await using var site = await OtherSite.StartAsync($"""
            <!doctype html><title>other</title>
            <form id="logout" method="post" action="{new Uri(Server.Address, "/console/logout")}"><button>out</button></form>
            <form id="create" method="post" action="{new Uri(Server.Address, "/admin/image_class")}"><input name="name" value="theirs"><button>create</button></form>
            <form id="upload" method="post" enctype="multipart/form-data" action="{new Uri(Server.Address, "/admin/image/upload")}">
            <input type="file" name="img"><button>upload</button></form>
            """);
        await using var visit = await chromium.VisitAsync();
        var page = visit.Page;
        await page.GotoAsync(Console);
        await SignInAsync(page, Password);
        await page.GetByRole(AriaRole.Heading, new() { Name = "li", Exact = true }).WaitForAsync();
        var token = (await visit.CookiesAsync(Server.Address)).Single().Value;

        foreach (var form in new[] { "logout", "create", "upload" })
        {
            await page.GotoAsync(isNear ? site.Near : site.Far);
            if (form == "upload")
                await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "a.jpg", MimeType = "image/jpeg", Buffer = Api.Samples.Photo });
            var response = await page.RunAndWaitForResponseAsync(() => page.Locator($"#{form} button").ClickAsync(), one => one.Request.Method == "POST");

            // From a site of the same name the cookie comes along, and the origin is what speaks against the request.
            response.Status.Should().Be(isNear ? 403 : 401, form);
        }

        (await visit.CookiesAsync(Server.Address)).Single().Value.Should().Be(token);

        var classes = await GetAsync(Whoever, ("token", token));
        classes.ShouldBeOk();
        classes.Text.Should().NotContain("theirs");
        await NothingShouldRemainAsync();
    }

    private static async Task SignInAsync(IPage page, string password, string device = "")
    {
        await page.GetByLabel("用户名").FillAsync("li");
        await page.GetByLabel("密码").FillAsync(password);
        await page.GetByLabel("设备名称").FillAsync(device);
        await page.GetByRole(AriaRole.Button, new() { Name = "登录" }).ClickAsync();
    }
}

using Microsoft.AspNetCore.Http;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>What the providers refuse, and what comes in place of their answers.</summary>
[Collection(MiniappCollection.Name)]
public sealed class MiniappRefusalSpecs(MiniappHouse house)
{
    [Theory]
    [InlineData("wechat", "40029", 400, "CodeInvalid")]
    [InlineData("wechat", "41008", 400, "CodeInvalid")]
    [InlineData("wechat", "40163", 400, "CodeUsed")]
    [InlineData("wechat", "40226", 403, "UserBlocked")]
    [InlineData("wechat", "45011", 429, "ProviderThrottled")]
    [InlineData("wechat", "40013", 502, "ProviderMisconfigured")]
    [InlineData("wechat", "40125", 502, "ProviderMisconfigured")]
    [InlineData("wechat", "41002", 502, "ProviderMisconfigured")]
    [InlineData("wechat", "41004", 502, "ProviderMisconfigured")]
    [InlineData("wechat", "48001", 502, "ProviderFailed")]
    [InlineData("alipay", "40002 isv.code-invalid", 400, "CodeInvalid")]
    [InlineData("alipay", "40002 isv.unmatched-app-id", 400, "CodeInvalid")]
    [InlineData("alipay", "40002 isv.invalid-signature", 502, "ProviderMisconfigured")]
    [InlineData("alipay", "40002 isv.invalid-app-id", 502, "ProviderMisconfigured")]
    [InlineData("alipay", "40001 isv.missing-signature", 502, "ProviderMisconfigured")]
    [InlineData("alipay", "40001 isv.missing-signature-key", 502, "ProviderMisconfigured")]
    [InlineData("alipay", "40006 isv.insufficient-isv-permissions", 502, "ProviderMisconfigured")]
    [InlineData("alipay", "20000 isp.unknow-error", 503, "ProviderBusy")]
    [InlineData("alipay", "20000 aop.unknow-error", 503, "ProviderBusy")]
    [InlineData("alipay", "40004 isv.something-else", 502, "ProviderFailed")]
    [InlineData("douyin", "-1", 503, "ProviderBusy")]
    [InlineData("douyin", "40018", 400, "CodeInvalid")]
    [InlineData("douyin", "40015", 502, "ProviderMisconfigured")]
    [InlineData("douyin", "40017", 502, "ProviderMisconfigured")]
    [InlineData("douyin", "40014", 502, "ProviderFailed")]
    public async Task A_documented_error_is_told_as_ours(string provider, string error, int status, string code)
    {
        house[provider].Errors.Enqueue(error);

        var answer = await SignInAsync(provider, "the-code-that-was-refused");

        answer.ShouldFail(status, code);
        (await house.LastDeedAsync()).Detail.Should().Be(code);
        house.Spoken.HasSaid(error.Split(' ')[^1]).Should().BeTrue("an operator needs the number");
        house.ShouldHaveToldNobody("the-code-that-was-refused");
    }

    [Fact]
    public async Task Whom_WeChat_throttles_is_told_to_come_back_in_a_minute()
    {
        house.Wechat.Errors.Enqueue("45011");
        using var body = MiniappHouse.Form("provider=wechat&appId=wx1&code=abc");
        using var response = await house.Server.Client.PostAsync("/api/miniapp/session", body);

        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_busy_WeChat_is_asked_again_but_not_for_ever()
    {
        var asked = house.Wechat.Requests;
        house.Wechat.Errors.Enqueue("-1");
        house.Wechat.Errors.Enqueue("-1");
        (await SignInAsync("wechat", house.Wechat.NewCode("wx1", "patient"))).ShouldBeOk();
        (house.Wechat.Requests - asked).Should().Be(3);

        foreach (var _ in Enumerable.Range(0, 3))
            house.Wechat.Errors.Enqueue("-1");
        (await SignInAsync("wechat", house.Wechat.NewCode("wx1", "patient"))).ShouldFail(503, "ProviderBusy");

        (house.Wechat.Requests - asked).Should().Be(6);
        house.Wechat.Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("wechat", """{"openid":""}""")]
    [InlineData("wechat", """{"session_key":"k"}""")]
    [InlineData("wechat", """{"openid":null,"unionid":"u"}""")]
    [InlineData("wechat", """{"openid":{"a":1}}""")]
    [InlineData("wechat", """{"openid":"a","openid":"b"}""")]
    [InlineData("wechat", """{"openid":"a","errcode":0,"errcode":40029}""")]
    [InlineData("wechat", """{"openid":"a","errcode":"none"}""")]
    [InlineData("wechat", """{"openid":"a\u0000b"}""")]
    [InlineData("wechat", """{"openid":"\ud800"}""")]
    [InlineData("wechat", """["openid"]""")]
    [InlineData("wechat", "<html>busy</html>")]
    [InlineData("wechat", "")]
    [InlineData("douyin", """{"err_no":0,"data":{"openid":"","anonymous_openid":"a"} }""")]
    [InlineData("douyin", """{"err_no":0,"openid":"a"}""")]
    [InlineData("douyin", """{"err_no":0,"data":[]}""")]
    [InlineData("douyin", """{"err_no":0,"data":{"openid":"a","openid":"b"} }""")]
    public async Task An_answer_that_vouches_for_nobody_signs_nobody_in(string provider, string body)
    {
        var users = await house.CountAsync("app_user");
        house[provider].Instead = context => context.Response.WriteAsync(body);

        (await SignInAsync(provider, "abc")).ShouldFail(502, "ProviderFailed");

        (await house.CountAsync("app_user")).Should().Be(users);
    }

    [Fact]
    public async Task An_answer_is_read_whatever_its_content_type_says()
    {
        foreach (var type in new[] { "text/html; charset=GBK", "application/octet-stream", "image/png", null })
        {
            house.Wechat.Instead = context =>
            {
                context.Response.ContentType = type;
                return context.Response.WriteAsync("\uFEFF{\"openid\":\"any-type\"}");
            };

            (await SignInAsync("wechat", "abc")).ShouldBeOk();
        }
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_a_good_body_under_a_bad_status_is_not_believed()
    {
        var asked = house.Wechat.Requests;
        foreach (var status in new[] { 301, 307, 403, 500 })
        {
            house.Wechat.Instead = context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = house.Douyin.Address;
                return context.Response.WriteAsync("""{"openid":"somebody"}""");
            };
            (await SignInAsync("wechat", "abc")).ShouldFail(502, "ProviderFailed");
        }

        (house.Wechat.Requests - asked).Should().Be(4);
        house.Douyin.Complaints.Should().BeEmpty("nobody was sent there");
    }

    [Fact]
    public async Task An_answer_without_end_is_not_taken_in()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        house.Wechat.Instead = async context =>
        {
            try
            {
                var blank = new byte[16 * 1024];
                while (true)
                    await context.Response.Body.WriteAsync(blank, context.RequestAborted);
            }
            finally
            {
                stopped.SetResult();
            }
        };

        (await SignInAsync("wechat", "abc")).ShouldFail(502, "ProviderFailed");

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_provider_that_breaks_off_has_failed()
    {
        house.Douyin.Instead = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };

        (await SignInAsync("douyin", "abc")).ShouldFail(502, "ProviderFailed");
    }

    private Task<Answer> SignInAsync(string provider, string code) =>
        house.SignInAsync(provider, code, provider == "wechat" ? "wx1" : null);
}

using Microsoft.AspNetCore.Http;

namespace OssProxy.Tests.Identity;

/// <summary>What is not Alipay's own word about this sign-in is not believed.</summary>
[Collection(MiniappCollection.Name)]
public sealed class AlipayForgerySpecs(MiniappHouse house)
{
    private const string Mallory = """{"open_id":"mallory","access_token":"a"}""";
    private const string Key = "alipay_system_oauth_token_response";

    public static TheoryData<string, string> Forgeries() => new()
    {
        { "unsigned", $$"""{"{{Key}}":{{Mallory}} }""" },
        { "signed with nothing", AlipayImitation.Answer(Key, Mallory, "") },
        { "signed with no Base64", AlipayImitation.Answer(Key, Mallory, "!!!") },
        { "signed by a stranger", AlipayImitation.SignedByAStranger(Mallory) },
        { "signed, but something else", AlipayImitation.Answer(Key, Mallory, AlipayImitation.Sign("""{"open_id":"somebody"}""")) },
        { "signed after it was written anew", AlipayImitation.Answer(Key, Mallory, AlipayImitation.Sign(Mallory.Replace(",", ", "))) },
        { "the response of another method", AlipayImitation.Signed(Mallory, "alipay_user_info_share_response") },
        { "a good response under the key of errors", AlipayImitation.Signed(Mallory, "error_response") },
        { "errors and success", AlipayImitation.Signed(Mallory)[..^1] + ""","error_response":{"code":"20001"} }""" },
        { "two responses, the signed one first", AlipayImitation.Signed(Mallory)[..^1] + $$""","{{Key}}":{"open_id":"other"} }""" },
        { "two responses, the signed one last", $$"""{"{{Key}}":{"open_id":"other"},""" + AlipayImitation.Signed(Mallory)[1..] },
        { "two signatures", AlipayImitation.Signed(Mallory)[..^1] + ""","sign":"x"}""" },
        { "two ids", AlipayImitation.Signed("""{"open_id":"one","open_id":"two"}""") },
        { "the response within another member", $$"""{"note":{{AlipayImitation.Signed(Mallory)}} }""" },
        { "the response in a text", $$"""{"note":"\"{{Key}}\":{}","sign":"x"}""" },
        { "signed, for nobody", AlipayImitation.Signed("""{"access_token":"a","open_id":"","user_id":""}""") },
        { "signed, no object", AlipayImitation.Signed("\"text\"") },
        { "signed, a failure that names a user", AlipayImitation.Signed("""{"code":"40004","open_id":"mallory"}""") },
        { "signed, a code that is none", AlipayImitation.Signed("""{"code":null,"open_id":"mallory"}""") },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_answer_signs_nobody_in(string what, string body)
    {
        var (users, sessions) = (await house.CountAsync("app_user"), await house.CountAsync("session"));
        house.Alipay.Instead = context => context.Response.WriteAsync(body);

        (await house.SignInAsync("alipay", "abc")).ShouldFail(502, "ProviderFailed");

        (await house.CountAsync("app_user"), await house.CountAsync("session")).Should().Be((users, sessions), what);
    }

    [Fact]
    public async Task An_answer_that_was_changed_on_its_way_is_refused()
    {
        var code = house.Alipay.NewCode(AlipayImitation.App, "victim");
        house.Alipay.Tamper = text => text.Replace("victim", "robber", StringComparison.Ordinal);

        (await house.SignInAsync("alipay", code)).ShouldFail(502, "ProviderFailed");
    }

    [Fact]
    public async Task Bytes_count_and_not_what_they_mean()
    {
        foreach (var response in new[] { "{ \"open_id\" : \"spaced\" }", "{\n\t\"open_id\":\"\\u0061bc\"\n}", """{"code":"10000","open_id":"coded"}""" })
        {
            house.Alipay.Instead = context => context.Response.WriteAsync(" " + AlipayImitation.Signed(response) + "\r\n");

            (await house.SignInAsync("alipay", "abc")).ShouldBeOk();
        }
    }

    [Fact]
    public async Task A_refusal_under_the_methods_own_key_is_a_refusal_even_in_bytes_that_are_no_text()
    {
        house.Alipay.Instead = async context =>
        {
            // GBK, as the gateway may send its words.
            await context.Response.Body.WriteAsync("{\"alipay_system_oauth_token_response\":{\"code\":\"40002\",\"sub_code\":\"isv.code-invalid\",\"sub_msg\":\""u8.ToArray());
            await context.Response.Body.WriteAsync(new byte[] { 0xCA, 0xDA, 0xC8, 0xA8, 0xC2, 0xEB });
            await context.Response.Body.WriteAsync("\"} }"u8.ToArray());
        };

        (await house.SignInAsync("alipay", "abc")).ShouldFail(400, "CodeInvalid");
    }
}

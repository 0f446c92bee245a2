using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OssProxy.Core.Grants;

namespace OssProxy.Tests.Grants;

/// <summary>The proof of callbacks, by the official sample and by calls that were made to look like it; and where keys come from.</summary>
public sealed class CallbackSignatureSpecs
{
    public static TheoryData<string> Ids
    {
        get
        {
            var ids = new TheoryData<string>();
            foreach (var item in Cases())
                ids.Add(item.GetProperty("id").GetString()!);
            return ids;
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Every_case_of_the_vectors_is_judged_as_documented(string id)
    {
        var item = Cases().Single(one => one.GetProperty("id").GetString() == id);
        var body = Encoding.UTF8.GetBytes(item.GetProperty("body").GetString()!);
        var target = item.GetProperty("requestTarget").GetString()!;

        // The addresses of the vectors are not asked: the key that they hold is given out by a host of ours, unless the address is the case.
        await using var host = new KeyHost(Encoding.ASCII.GetBytes(item.GetProperty("publicKeyPem").GetString()!));
        var isAddress = item.TryGetProperty("decodedPubKeyUrl", out _);
        using var keys = Keys(isAddress ? "gosspublic.alicdn.com" : host.Origin.GetLeftPart(UriPartial.Authority));
        var address = isAddress ? item.GetProperty("xOssPubKeyUrl").GetString()! : Base64($"{host.Origin}callback_pub_key_v1.pem");
        var judging = () => new CallbackSignature(keys).RequireAsync(
            target, body, item.GetProperty("authorization").GetString(), address, CancellationToken.None);

        if (item.GetProperty("expected").GetBoolean())
        {
            Encoding.UTF8.GetString(CallbackSignature.Signed(target, body)).Should().Be(item.GetProperty("stringToSign").GetString());
            await judging.Should().NotThrowAsync();
        }
        else
        {
            (await judging.Should().ThrowAsync<GrantException>()).Which.Error.Should()
                .Be(isAddress ? GrantError.CallbackKeyRefused : GrantError.CallbackRefused);
        }

        if (isAddress)
            host.Asked.Should().Be(0);
    }

    [Fact]
    public async Task A_key_is_fetched_once_however_many_ask_at_once()
    {
        using var rsa = RSA.Create(1024);
        await using var host = new KeyHost(Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()));
        using var keys = Keys(host.Origin.GetLeftPart(UriPartial.Authority));

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => keys.FindAsync(new Uri(host.Origin, "/callback_pub_key_v1.pem"), CancellationToken.None)));

        host.Asked.Should().Be(1);
    }

    [Fact]
    public async Task A_redirect_a_large_key_and_one_that_is_none_are_not_taken_and_not_asked_for_again_at_once()
    {
        using var rsa = RSA.Create(1024);
        await using var elsewhere = new KeyHost(Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()));
        foreach (var path in new[] { "/callback_pub_key_v1.pem", "/callback_pub_key_v2.pem", "/callback_pub_key_v3.pem" })
        {
            await using var host = new KeyHost(async context =>
            {
                switch (context.Request.Path.Value)
                {
                    case "/callback_pub_key_v1.pem":
                        context.Response.Redirect(elsewhere.Origin.AbsoluteUri);
                        break;
                    case "/callback_pub_key_v2.pem":
                        for (var i = 0; i < 64; i++)
                            await context.Response.Body.WriteAsync(new byte[1 << 20], context.RequestAborted);
                        break;
                    default:
                        await context.Response.Body.WriteAsync("no key"u8.ToArray());
                        break;
                }
            });
            var clock = new Clock();
            using var keys = Keys(host.Origin.GetLeftPart(UriPartial.Authority), clock);
            var asking = () => keys.FindAsync(new Uri(host.Origin, path), CancellationToken.None);

            await asking.Should().ThrowAsync<GrantException>().Where(failure => failure.Error == GrantError.CallbackKeyUnavailable);
            await asking.Should().ThrowAsync<GrantException>();
            host.Asked.Should().Be(1, path);
            clock.Advance(TimeSpan.FromMinutes(2));
            await asking.Should().ThrowAsync<GrantException>();
            host.Asked.Should().Be(2, path);
        }

        elsewhere.Asked.Should().Be(0);
    }

    [Fact]
    public async Task A_host_that_gives_no_answer_is_given_up()
    {
        var asked = new TaskCompletionSource();
        await using var host = new KeyHost(async context =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var clock = new Clock();
        using var keys = Keys(host.Origin.GetLeftPart(UriPartial.Authority), clock);

        var finding = keys.FindAsync(new Uri(host.Origin, "/callback_pub_key_v1.pem"), CancellationToken.None);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
        clock.Advance(TimeSpan.FromSeconds(4));

        var waiting = () => finding.WaitAsync(TimeSpan.FromSeconds(20));
        (await waiting.Should().ThrowAsync<GrantException>()).Which.Error.Should().Be(GrantError.CallbackKeyUnavailable);
    }

    [Fact]
    public async Task Whoever_makes_up_addresses_has_us_ask_for_a_few_alone()
    {
        await using var host = new KeyHost("no key"u8.ToArray());
        using var keys = Keys(host.Origin.GetLeftPart(UriPartial.Authority), new Clock());

        for (var i = 0; i < 100; i++)
        {
            var asking = () => keys.FindAsync(new Uri(host.Origin, $"/a/callback_pub_key_v{i}.pem"), CancellationToken.None);
            await asking.Should().ThrowAsync<GrantException>();
        }

        host.Asked.Should().Be(10, "more than one digit is no number of theirs");
    }

    [Theory]
    [InlineData("http://gosspublic.alicdn.com/callback_pub_key_v1.pem", "https://gosspublic.alicdn.com/callback_pub_key_v1.pem")]
    [InlineData("https://gosspublic.alicdn.com/callback_pub_key_v1.pem", "https://gosspublic.alicdn.com/callback_pub_key_v1.pem")]
    [InlineData("http://GOSSPUBLIC.alicdn.com/k.pem", "https://gosspublic.alicdn.com/k.pem")]
    [InlineData("http://gosspublic.alicdn.com:81/k.pem", null)]
    [InlineData("http://gosspublic.alicdn.com./k.pem", null)]
    [InlineData("http://127.0.0.1:9100/k.pem", "http://127.0.0.1:9100/k.pem")]
    [InlineData("https://127.0.0.1:9100/k.pem", null)]
    [InlineData("http://127.1:9100/k.pem", "http://127.0.0.1:9100/k.pem")]
    public void A_host_is_asked_where_it_is_trusted(string address, string? asked)
    {
        var hosts = CallbackKeyHost.ParseList("gosspublic.alicdn.com, http://127.0.0.1:9100")!;

        hosts.Select(host => host.Accept(new Uri(address))).FirstOrDefault(uri => uri is not null)?.AbsoluteUri.Should().Be(asked);
        hosts.Any(host => host.Accept(new Uri(address)) is not null).Should().Be(asked is not null);
    }

    [Theory]
    [InlineData("gosspublic.alicdn.com/path")]
    [InlineData("user@gosspublic.alicdn.com")]
    [InlineData("gosspublic.alicdn.com:443")]
    [InlineData("ftp://gosspublic.alicdn.com")]
    [InlineData("*.alicdn.com")]
    [InlineData("http://a.example/?x")]
    public void What_is_no_host_is_not_configured(string text) => CallbackKeyHost.ParseList(text).Should().BeNull();

    private static CallbackKeys Keys(string hosts, TimeProvider? time = null) =>
        new(Options.Create(new GrantOptions { CallbackKeyHosts = hosts }), time ?? TimeProvider.System);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static List<JsonElement> Cases()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "callback.json")));
        return document.RootElement.Clone().GetProperty("cases").EnumerateArray().ToList();
    }
}

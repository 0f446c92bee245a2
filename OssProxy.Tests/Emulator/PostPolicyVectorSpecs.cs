using System.Globalization;
using System.Text.Json;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary>Forms that official SDKs signed are taken, at the hour at which they were signed, and none of them with a byte changed.</summary>
public sealed class PostPolicyVectorSpecs : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "ossproxy-emulator-" + Guid.NewGuid().ToString("N"));
    private EmulatorServer? _server;

    // What the conditions of each vector want beside what is signed.
    private static readonly Dictionary<string, (string Name, string Value)[]> Wanted = new(StringComparer.Ordinal)
    {
        ["p1-01"] = [("key", "user/eric/a.txt"), ("success_action_status", "201")],
        ["p1-02"] = [("key", "目录/a.txt"), ("x-oss-meta-note", "a\"b\\c")],
        ["p1-03"] = [("key", "any")],
        ["p4-01"] = [("key", "any")],
        ["p4-02"] = [("key", "user/eric/a.png"), ("content-type", "image/png"), ("cache-control", "max-age=1"), ("success_action_status", "200")],
        ["p4-03"] = [("key", "目录/a.txt")],
        ["p4-04"] = [("key", "any"), ("success_action_redirect", "https://www.example.com/done")],
    };

    public static TheoryData<string> Ids()
    {
        var ids = new TheoryData<string>();
        foreach (var item in Cases())
            ids.Add(item.GetProperty("id").GetString()!);

        return ids;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();

        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_form_that_an_official_SDK_signed_is_accepted_and_none_with_a_byte_changed(string id)
    {
        var item = Cases().Single(c => c.GetProperty("id").GetString() == id);
        var clock = new Clock(new(2025, 3, 4, 8, 9, 10, TimeSpan.Zero));
        var client = await StartAsync(item.GetProperty("input"), clock);
        var form = new WireForm(Wanted[id]).With(
            [.. item.GetProperty("expected").GetProperty("formFields").EnumerateObject().Select(f => (f.Name, f.Value.GetString()!))]);

        var accepted = await form.PostAsync(client, "/examplebucket/");
        accepted.Status.Should().BeLessThan(400, accepted.Text);

        foreach (var field in item.GetProperty("expected").GetProperty("formFields").EnumerateObject())
        {
            var value = field.Value.GetString()!;
            foreach (var index in new[] { 0, value.Length / 2, value.Length - 1 })
            {
                var changed = await form.Changed(field.Name, Flip(value, index)).PostAsync(client, "/examplebucket/");
                changed.Status.Should().BeOneOf([400, 403], $"{field.Name} at {index}");
                changed.Code.Should().BeOneOf("SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidSecurityToken", "InvalidArgument", "AccessDenied", "RequestTimeTooSkewed");
            }
        }

        clock.Advance(TimeSpan.FromHours(1));
        (await form.PostAsync(client, "/examplebucket/")).Status.Should().BeLessThan(400);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        (await form.PostAsync(client, "/examplebucket/")).Text.Should().Contain("Policy expired");
    }

    private async Task<WireClient> StartAsync(JsonElement input, TimeProvider clock)
    {
        var credentials = input.GetProperty("credentials");
        _server = await EmulatorServer.StartAsync(
            new()
            {
                Urls = "http://127.0.0.1:0",
                Folder = _folder,
                Region = input.TryGetProperty("region", out var region) ? region.GetString()! : "cn-hangzhou",
                TimeProvider = clock,
                Buckets = { new() { Name = "examplebucket", Acl = "private" } },
                Credentials =
                {
                    new()
                    {
                        AccessKeyId = credentials.GetProperty("accessKeyId").GetString()!,
                        AccessKeySecret = credentials.GetProperty("accessKeySecret").GetString()!,
                        SecurityToken = credentials.TryGetProperty("securityToken", out var token) ? token.GetString() : null,
                    },
                },
            },
            WireClient.Deadline);
        return new(_server.Address);
    }

    private static string Flip(string text, int index) => string.Create(
        CultureInfo.InvariantCulture, $"{text[..index]}{(text[index] == '1' ? '2' : '1')}{text[(index + 1)..]}");

    private static List<JsonElement> Cases() =>
        [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "post-policy.json"))).RootElement.GetProperty("cases").EnumerateArray()];
}

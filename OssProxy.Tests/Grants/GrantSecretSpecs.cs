using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Processes;

namespace OssProxy.Tests.Grants;

/// <summary>A whole run of direct uploads, talkative, and then a look for every policy, signature and secret of it in what the server said.</summary>
public sealed class GrantSecretSpecs : ProcessSpecs
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);
    private readonly HashSet<string> _secrets = ["test-secret"];

    [Fact]
    public async Task No_policy_no_signature_and_no_credentials_are_in_a_log_or_a_file()
    {
        var settings = Settings(
            ("Sts:Endpoint", Emulator.Address.GetLeftPart(UriPartial.Authority)),
            ("Sts:RoleArn", EmulatorRole.DefaultArn),
            ("Grants:Secret", "a-secret-of-the-gateway-for-tests-alone"),
            ("Grants:CallbackUrl", "http://127.0.0.1:9/oss/callback"),
            ("Serilog__MinimumLevel__Default", "Verbose"),
            ("Serilog__MinimumLevel__Override__Microsoft", "Verbose"));
        _secrets.Add("a-secret-of-the-gateway-for-tests-alone");
        await using var server = await ServerProcess.StartAsync(settings, Folder);
        using var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(20) };

        foreach (var query in new[] { "", "?version=4", "?file_name=a.jpg", "?version=4&file_name=a.jpg&size=4000", "?via=gateway", "?via=gateway&version=4&file_name=a.jpg" })
        {
            var policy = await DataAsync(await client.GetAsync(new Uri("/oss/policy" + query, UriKind.Relative)));
            foreach (var name in new[] { "policy", "signature" })
                _secrets.Add(policy.GetProperty(name).GetString()!);
            var key = policy.TryGetProperty("key", out var named) ? named.GetString()! : policy.GetProperty("dir").GetString() + "a.jpg";

            // As it should be, and then wrong: errors tell more than successes.
            foreach (var signature in new[] { null, "wrong" })
            {
                var form = new Form().Field("key", key);
                foreach (var field in policy.GetProperty("fields").EnumerateObject().Where(field => field.Name != "key"))
                    form.Field(field.Name, signature is not null && field.Name.Contains("ignature", StringComparison.Ordinal) && !field.Name.EndsWith("version", StringComparison.Ordinal) ? signature : field.Value.GetString()!);
                using var content = form.File("file", "a.jpg", Photo).ToContent();
                using var posted = await client.PostAsync(new Uri(policy.GetProperty("host").GetString()!), content);
            }

            using var confirmed = await client.PostAsJsonAsync("/oss/confirm", new { grant = policy.GetProperty("grant").GetString(), key });
        }

        var put = (await DataAsync(await client.PostAsJsonAsync("/oss/presign", new { file_name = "a.jpg" })))[0];
        var url = new Uri(put.GetProperty("url").GetString()!);
        _secrets.Add(url.Query[(url.Query.IndexOf("x-oss-signature=", StringComparison.Ordinal) + "x-oss-signature=".Length)..]);
        var parts = await DataAsync(await client.PostAsJsonAsync("/oss/parts", new { file_name = "a.jpg", size = 10 }));
        _secrets.Add(parts.GetProperty("urls")[0].GetProperty("url").GetString()!.Split("x-oss-signature=")[1]);

        client.DefaultRequestHeaders.Add("token", ApiServer.AdminKey);
        var sts = await DataAsync(await client.GetAsync(new Uri("/oss/sts", UriKind.Relative)));
        foreach (var name in new[] { "AccessKeySecret", "SecurityToken" })
            _secrets.Add(sts.GetProperty(name).GetString()!);
        Emulator.Faults.Add(new FaultRule { Operation = OssOperation.AssumeRole, Status = 403, Code = "NoPermission" });
        using var refused = await client.GetAsync("/oss/sts");
        using var callback = await client.PostAsync("/oss/callback", new StringContent("bucket=x&object=y", Encoding.UTF8, "application/x-www-form-urlencoded"));

        server.Terminate();
        await server.ExitAsync();

        server.Output.Should().Contain("\"Verbose\"").And.Contain("Request starting").And.Contain("Stored ");
        _secrets.Should().HaveCountGreaterThan(14);
        foreach (var secret in _secrets.SelectMany(one => new[] { one, Uri.EscapeDataString(one), JsonEncodedText.Encode(one).ToString() }).Distinct())
        {
            server.Output.Contains(secret, StringComparison.Ordinal).Should().BeFalse("the log tells " + secret);
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Folder, "data"), "*", SearchOption.AllDirectories))
                (await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)).Should().Be(-1, $"{file} holds {secret}");
        }
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            response.IsSuccessStatusCode.Should().BeTrue(text);
            using var document = JsonDocument.Parse(text);
            return document.RootElement.GetProperty("data").Clone();
        }
    }
}

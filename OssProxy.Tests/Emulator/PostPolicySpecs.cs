using System.Text;

namespace OssProxy.Tests.Emulator;

/// <summary>What a policy may say, and that whatever it says is held against the form.</summary>
public sealed class PostPolicySpecs : EmulatorSpecs
{
    private static readonly string[] Pinned =
    [
        "key", "bucket", "success_action_status", "success_action_redirect", "Cache-Control", "Content-Type", "Content-Disposition", "Content-Encoding",
        "Expires", "x-oss-content-type", "x-oss-object-acl", "x-oss-storage-class", "x-oss-forbid-overwrite", "x-oss-meta-owner", "callback", "x:order", "anything",
    ];

    private static readonly string[] Modes = ["object", "eq", "starts-with", "in", "not-in"];

    public static TheoryData<string, string> Table()
    {
        var table = new TheoryData<string, string>();
        foreach (var mode in Modes)
        {
            foreach (var field in Pinned)
                table.Add(mode, field);
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task A_pinned_field_that_is_changed_or_missing_is_refused(string mode, string field)
    {
        var allowed = Allowed(field);
        var condition = Condition(mode, field, allowed);
        var form = field == "bucket" ? new WireForm(("key", "k")) : new WireForm(("key", "k")).Changed(field, allowed);
        var target = field == "bucket" ? $"/{allowed}/" : "/photos/";
        var signed = form.Signed(condition, WireForm.AnySize);

        // Fields that ask for more than an object (a callback nobody answers) are refused later, and for another reason.
        var accepted = await signed.PostAsync(Client, target);
        accepted.Code.Should().NotBe("AccessDenied", accepted.Text);

        if (field == "bucket")
        {
            await ShouldFailAsync(signed.PostAsync(Client, "/secret/"), condition, "0006-00000227");
            return;
        }

        await ShouldFailAsync(signed.Changed(field, mode == "not-in" ? "forbidden" : "z" + allowed).PostAsync(Client, target), condition, "0006-00000227");
        if (field != "key")
            await ShouldFailAsync(signed.Changed(field, null).PostAsync(Client, target), condition, "0006-00000226");
    }

    [Theory]
    [InlineData("""{"KEY":"k"}""", true)]
    [InlineData("""["eq","$kEy","k"]""", true)]
    [InlineData("""["eq","$key","K"]""", false)]
    [InlineData("""["starts-with","$key",""]""", true)]
    [InlineData("""["starts-with","$key","kk"]""", false)]
    [InlineData("""["in","$key",[]]""", false)]
    [InlineData("""["in","$key",["j","k"]]""", true)]
    [InlineData("""["not-in","$key",[]]""", true)]
    [InlineData("""["eq","$note","\$5"]""", true)]
    [InlineData("""["eq","$note","\u00245"]""", true)]
    [InlineData("""["eq","$quote","a\"b\\c\/d\b\f\n\r\t\u4e2d"]""", true)]
    [InlineData("""["eq","$quote","\\$"]""", false)]
    public async Task A_condition_compares_names_in_any_case_and_values_exactly(string condition, bool holds)
    {
        var form = new WireForm(("key", "k"), ("note", "$5"), ("quote", "a\"b\\c/d\b\f\n\r\t中"));
        (await form.Signed(condition, WireForm.AnySize).PostAsync(Client)).Status.Should().Be(holds ? 204 : 403);
    }

    [Fact]
    public async Task The_file_name_is_filled_in_after_the_policy_has_been_checked()
    {
        var form = new WireForm(("key", "up/${filename}")) { FileName = "a.txt" };
        (await form.Signed("""["eq","$key","up/a.txt"]""").PostAsync(Client)).Status.Should().Be(403);
        (await form.Signed("""["eq","$key","up/${filename}"]""").PostAsync(Client)).Status.Should().Be(204);
    }

    [Fact]
    public async Task All_ranges_of_a_policy_hold_together()
    {
        var posted = await new WireForm(("key", "k")).Signed("""["content-length-range",0,100]""", """["content-length-range",0,8]""").PostAsync(Client);
        posted.Code.Should().Be("EntityTooLarge");
    }

    [Theory]
    [InlineData("bucket")]
    [InlineData("x-oss-signature-version")]
    [InlineData("x-oss-credential")]
    [InlineData("x-oss-date")]
    public async Task A_V4_policy_must_name_what_it_is_signed_with(string without)
    {
        var posted = await new WireForm(("key", "k")).SignedV4("photos", [WireForm.AnySize], without).PostAsync(Client);
        (posted.Status, posted.Code).Should().Be((400, "InvalidPolicyDocument"));
    }

    [Fact]
    public async Task A_V4_form_holds_for_its_bucket_alone()
    {
        var form = new WireForm(("key", "k")).SignedV4("photos", [WireForm.AnySize]);
        (await form.PostAsync(Client)).Status.Should().Be(204);
        await ShouldFailAsync(form.PostAsync(Client, "/secret/"), """["eq", "$bucket", "photos"]""", "0006-00000227");
    }

    [Theory]
    [InlineData("""{"conditions":[["eq","$key","k"]]}""", "0006-00000208")]
    [InlineData("""{"expiration":"tomorrow","conditions":[["eq","$key","k"]]}""", null)]
    [InlineData("""{"expiration":"2999-01-01T00:00:00.000+08:00","conditions":[["eq","$key","k"]]}""", null)]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z"}""", null)]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":123}""", "0006-00000214")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[]}""", "0006-00000215")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["$key"]]}""", "0006-00000216")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["ends-with","$key","k"]]}""", "0006-00000217")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["eq","$key","k","k"]]}""", "0006-00000218")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["eq","key","k"]]}""", "0006-00000218")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["content-length-range","1",2]]}""", "0006-00000220")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["content-length-range",2,1]]}""", "0006-00000220")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["content-length-range",-1,1]]}""", "0006-00000220")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["content-length-range",1]]}""", "0006-00000220")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["content-length-range",0,1.5]]}""", "0006-00000220")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[123]}""", "0006-00000222")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["not-in","$key","k"]]}""", "0006-00000224")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["eq","$key",["k"]]]}""", "0006-00000224")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["eq","$key","$5"]]}""", "0006-00000224")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[{"success_action_status":200}]}""", "0006-00000224")]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[{"key":"k","bucket":"photos"}]}""", null)]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[{}]}""", null)]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","expiration":"2999-01-01T00:00:00Z","conditions":[["eq","$key","k"]]}""", null)]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["eq","$key","x"]],"conditions":[["eq","$key","k"]]}""", null)]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[{"key":"x","key":"k"}]}""", null)]
    [InlineData("""[1]""", null)]
    [InlineData("""{"expiration":"2999-01-01T00:00:00Z","conditions":[["eq","$key","k"]]} x""", null)]
    [InlineData("", null)]
    public async Task A_document_that_is_no_policy_is_refused_whoever_signed_it(string policy, string? errorCode)
    {
        var posted = await new WireForm(("key", "k")).SignedV1(policy.Length == 0 ? " " : policy).PostAsync(Client);
        (posted.Status, posted.Code, posted["x-oss-ec"]).Should().Be((400, "InvalidPolicyDocument", errorCode), policy);
    }

    [Fact]
    public async Task A_policy_ends_with_its_expiration()
    {
        var past = WireForm.Policy(TimeProvider.System.GetUtcNow().AddHours(-1).AddSeconds(-1), WireForm.AnySize);
        var posted = await new WireForm(("key", "k")).SignedV1(past).PostAsync(Client);
        (posted.Status, posted.Xml.Element("Message")!.Value).Should().Be((403, "Invalid according to Policy: Policy expired."));
        (await new WireForm(("key", "k")).SignedV1(past, secret: "wrong").PostAsync(Client)).Code.Should().Be("SignatureDoesNotMatch");
    }

    [Fact]
    public async Task A_wrong_signature_is_answered_with_the_text_that_was_signed()
    {
        var policy = WireForm.Policy(TimeProvider.System.GetUtcNow(), WireForm.AnySize);
        var posted = await new WireForm(("key", "k")).SignedV1(policy, secret: "wrong").PostAsync(Client);
        (posted.Status, posted.Code).Should().Be((403, "SignatureDoesNotMatch"));
        posted.Xml.Element("StringToSign")!.Value.Should().Be(Convert.ToBase64String(Encoding.UTF8.GetBytes(policy)));
        (await new WireForm(("key", "k")).SignedV1(policy, "nobody").PostAsync(Client)).Code.Should().Be("InvalidAccessKeyId");
    }

    private static string Allowed(string field) => field switch
    {
        "bucket" => "photos",
        "success_action_status" => "201",
        "success_action_redirect" => "https://app.example/",
        "Expires" => "Thu, 01 Jan 2032 00:00:00 GMT",
        "x-oss-object-acl" => "private",
        "x-oss-storage-class" => "IA",
        "x-oss-forbid-overwrite" => "false",
        _ => "ab/cd",
    };

    // Of a prefix all but the last character, so that it is a prefix and not the whole.
    private static string Condition(string mode, string field, string value) => mode switch
    {
        "object" => $$"""{"{{field}}":"{{value}}"}""",
        "eq" => $"""["eq","${field}","{value}"]""",
        "starts-with" => $"""["starts-with","${field}","{value[..^1]}"]""",
        "in" => $"""["in","${field}",["other","{value}"]]""",
        _ => $"""["not-in","${field}",["{(field == "bucket" ? "secret" : "forbidden")}","worse"]]""",
    };

    private static async Task ShouldFailAsync(Task<WireReply> posting, string condition, string errorCode)
    {
        var posted = await posting;
        (posted.Status, posted.Code, posted["x-oss-ec"]).Should().Be((403, "AccessDenied", errorCode), condition);
        posted.Xml.Element("Message")!.Value.Should().StartWith("Invalid according to Policy: Policy Condition failed: [\"");
    }
}

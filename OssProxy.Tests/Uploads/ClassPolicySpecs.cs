using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

public sealed class ClassPolicySpecs
{
    private const string Everything =
        """
        {"max_file_bytes":5242880,"types":["jpeg","png"],"prefix":"shop/banners","disposition":"attachment","transfer":"temp","files_per_day":100,"bytes_per_day":1073741824,"keep_name":true,"retention":604800,"clients":false,"sha256":true,"image_process":"image/resize,l_2000","heic_to_jpeg":true,"main_color":true,"time_budget":600}
        """;

    [Fact]
    public void A_policy_is_kept_as_it_was_written() => ClassPolicy.Parse(Everything).ToJson().Should().Be(Everything.Trim());

    [Fact]
    public void What_a_policy_does_not_say_is_not_kept() => ClassPolicy.Parse("""{"clients":null}""").ToJson().Should().Be("{}");

    [Theory]
    [InlineData("""{"max_file_bytes":0}""", "max_file_bytes")]
    [InlineData("""{"max_file_bytes":5497558138881}""", "max_file_bytes")]
    [InlineData("""{"max_file_bytes":"5"}""", "max_file_bytes")]
    [InlineData("""{"max_file_bytes":1e400}""", "max_file_bytes")]
    [InlineData("""{"max_bytes":5}""", "max_bytes")]
    [InlineData("""{"types":[]}""", "types")]
    [InlineData("""{"types":["svg"]}""", "svg")]
    [InlineData("""{"types":[null]}""", "types")]
    [InlineData("""{"types":"jpeg"}""", "types")]
    [InlineData("""{"prefix":"../up"}""", "prefix")]
    [InlineData("""{"prefix":""}""", "prefix")]
    [InlineData("""{"prefix":"照片照片照片照片照片照片照片照片照片照片/照片照片照片照片照片照片照片照片照片照片/照片照片照片照片照片照片照片照片"}""", "prefix")]
    [InlineData("""{"a.b":1}""", "a.b 不是")]
    [InlineData("""{"disposition":"inline"}""", "disposition")]
    [InlineData("""{"transfer":"teleport"}""", "transfer")]
    [InlineData("""{"files_per_day":0}""", "files_per_day")]
    [InlineData("""{"bytes_per_day":-1}""", "bytes_per_day")]
    [InlineData("""{"retention":-1}""", "retention")]
    [InlineData("""{"retention":31536001}""", "retention")]
    [InlineData("""{"time_budget":0}""", "time_budget")]
    [InlineData("""{"time_budget":604801}""", "time_budget")]
    [InlineData("""{"clients":"yes"}""", "clients")]
    [InlineData("""{"image_process":"image/resize,w_0"}""", "image_process")]
    [InlineData("""{"image_process":"image/info"}""", "image_process")]
    [InlineData("""{"image_process":"style/small"}""", "image_process")]
    [InlineData("""{"image_process":"image/resize,w_9|sys/saveas,o_YQ"}""", "image_process")]
    [InlineData("null", "JSON")]
    [InlineData("[]", "JSON")]
    [InlineData("", "JSON")]
    [InlineData("{", "JSON")]
    [InlineData("""{"clients":true}{}""", "JSON")]
    public void A_value_that_cannot_be_used_is_named(string json, string named)
    {
        var parse = () => ClassPolicy.Parse(json);

        var refusal = parse.Should().Throw<UploadException>().Which;
        refusal.Error.Should().Be(UploadError.PolicyInvalid);
        refusal.Detail.Should().Contain(named);
    }

    [Fact]
    public void What_a_newer_program_has_kept_is_read_as_far_as_it_goes_and_known_to_be_half()
    {
        var kept = ClassPolicy.ParseKept("""{"retention":5,"a_later_limit":7}""");

        kept.RetentionSeconds.Should().Be(5);
        kept.IsWhole.Should().BeFalse();
        ClassPolicy.ParseKept("""{"retention":5}""").IsWhole.Should().BeTrue();
        ClassPolicy.ParseKept("""{"retention":""").IsWhole.Should().BeFalse();
        ClassPolicy.Empty.Over(kept).IsWhole.Should().BeFalse("a class below it inherits what is not understood, too");
    }

    [Fact]
    public void A_class_inherits_what_it_does_not_say_and_nothing_else()
    {
        var above = ClassPolicy.Parse(Everything);

        ClassPolicy.Empty.Over(above).Should().BeEquivalentTo(above);
        above.Over(ClassPolicy.Empty).Should().BeEquivalentTo(above);
        ClassPolicy.Parse("""{"clients":true,"max_file_bytes":1}""").Over(above).Should().BeEquivalentTo(
            above with { Clients = true, MaxFileBytes = 1 });
    }

    [Fact]
    public void Every_value_of_a_policy_can_be_inherited_and_overridden()
    {
        // A value that Over forgets would be lost below the first class.
        var full = ClassPolicy.Parse(Everything);

        foreach (var property in typeof(ClassPolicy).GetProperties().Where(property => property.Name is not (nameof(ClassPolicy.Empty) or nameof(ClassPolicy.IsWhole))))
        {
            property.GetValue(full).Should().NotBeNull(property.Name);
            property.GetValue(ClassPolicy.Empty.Over(full)).Should().Be(property.GetValue(full), property.Name);
        }
    }

    [Fact]
    public void The_deployment_says_something_about_everything_but_what_may_be_without_limit()
    {
        var deployment = new UploadOptions().Policy();

        typeof(ClassPolicy).GetProperties()
            .Where(property => property.Name != nameof(ClassPolicy.Empty) && property.GetValue(deployment) is null)
            .Select(property => property.Name)
            .Should().BeEquivalentTo(nameof(ClassPolicy.Types), nameof(ClassPolicy.FilesPerDay), nameof(ClassPolicy.BytesPerDay));
    }
}

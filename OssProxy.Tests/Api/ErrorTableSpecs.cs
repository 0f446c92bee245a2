using OssProxy.Api.Envelope;
using OssProxy.Core.Images;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Core.Sts;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Api;

public sealed class ErrorTableSpecs
{
    private static readonly int[] AllowedStatus = [400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 499, 500, 501, 502, 503, 504];

    public static TheoryData<Enum> Errors
    {
        get
        {
            var errors = new TheoryData<Enum>();
            foreach (var type in new[] { typeof(ErrorTable).Assembly, typeof(StoreError).Assembly }.SelectMany(assembly => assembly.GetTypes()))
            {
                if (type is { IsEnum: true, IsPublic: true } && type.Name.EndsWith("Error", StringComparison.Ordinal) && !type.FullName!.StartsWith("OssProxy.Core.Oss", StringComparison.Ordinal))
                {
                    foreach (Enum value in Enum.GetValues(type))
                        errors.Add(value);
                }
            }

            return errors;
        }
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Every_error_of_every_room_has_a_status_and_a_text_for_people(Enum error)
    {
        var failure = ErrorTable.For(error);

        failure.Code.Should().Be(error.ToString());
        AllowedStatus.Should().Contain(failure.Status);
        failure.Text.Should().MatchRegex("[\u4e00-\u9fa5]", "people read Chinese here");
    }

    [Fact]
    public void No_two_rooms_use_one_code_for_two_things() =>
        ((IEnumerable<object[]>)Errors).Select(row => row[0].ToString()).Should().OnlyHaveUniqueItems();

    [Fact]
    public void An_exception_that_no_room_knows_is_ours_and_says_nothing_of_itself()
    {
        var failure = ErrorTable.For(new InvalidOperationException("secret detail"));

        failure.Status.Should().Be(500);
        failure.Blame.Should().Be(Blame.Server);
        failure.Text.Should().NotContain("secret");
    }

    [Fact]
    public void Credentials_that_are_not_to_be_had_are_the_stores_matter()
    {
        ErrorTable.For(new OssTransportException(OssTransportError.CredentialsRefused, "words")).Code.Should().Be("StoreAccessDenied");
        ErrorTable.For(new OssTransportException(OssTransportError.CredentialsUnavailable, "words")).Code.Should().Be("StoreUnreachable");
        ErrorTable.For(new StsException(StsError.StsBusy, "words")).Should().BeEquivalentTo(new { Code = "StsBusy", Status = 503, Blame = Blame.Store });
    }

    [Fact]
    public void What_is_wrong_with_a_process_is_said_and_what_went_wrong_in_here_is_not()
    {
        ErrorTable.For(new ImageException(ImageError.ProcessInvalid, "InvalidArgument", "w is 0")).Should().BeEquivalentTo(
            new { Status = 400, Blame = Blame.Client, Text = "图片处理参数有误，请对照文档检查：w is 0" });
        ErrorTable.For(new ImageException(ImageError.RenderingFailed, "InternalError", "secret detail")).Text.Should().NotContain("secret");
    }

    [Theory]
    [InlineData(50L * 1024 * 1024, "50 MB")]
    [InlineData(1536L, "1.5 KB")]
    [InlineData(5L * 1024 * 1024 * 1024, "5 GB")]
    [InlineData(10L, "10 字节")]
    public void A_file_that_is_too_large_is_told_the_limit(long limit, string said) =>
        ErrorTable.For(new UploadException(UploadError.FileTooLarge, "x") { Limit = limit }).Text.Should().Be("文件太大：不能超过 " + said);
}

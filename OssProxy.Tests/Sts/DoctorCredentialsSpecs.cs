using Microsoft.AspNetCore.Builder;
using OssProxy.Api.Diagnosis;
using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Sts;

/// <summary>What <c>doctor</c> tells of credentials.</summary>
public sealed class DoctorCredentialsSpecs : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-doctor-sts-").FullName;
    private readonly StsImitation _sts = new();
    private EmulatorServer? _emulator;

    public async Task InitializeAsync()
    {
        var options = ApiServer.EmulatorOptions(Path.Combine(_folder, "oss"));
        options.Credentials.Add(new EmulatorCredential
        {
            AccessKeyId = "STS.1",
            AccessKeySecret = StsImitation.SecretOf(1),
            SecurityToken = StsImitation.TokenOf(1),
        });
        _emulator = await EmulatorServer.StartAsync(options, CancellationToken.None);
        _sts.Callers["test-id"] = ("test-secret", null);
        await _sts.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _sts.DisposeAsync();
        await _emulator!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_permanent_key_is_told_as_such()
    {
        var (code, output) = await ExamineAsync();

        code.Should().Be(0, output);
        output.Should().Contain("✓ 凭证：配置里的 AccessKey（test-id），长期有效").And.NotContain("客户端凭证");
    }

    [Fact]
    public async Task A_role_is_told_with_its_end_and_what_clients_would_be_given_is_tried()
    {
        var (code, output) = await ExamineAsync("--Oss:Credentials=role", "--Sts:RoleArn=" + StsImitation.Role);

        code.Should().Be(0, output);
        output.Should().MatchRegex(@"✓ 凭证：扮演角色 acs:ram::1234567890123456:role/uploader（STS\.1），到 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC 为止，之前会自动更新")
            .And.Contain("✓ 客户端凭证：可以扮演").And.Contain("✓ 上传");
        _sts.Asked.Last()["Policy"].Should().Contain("acs:oss:*:*:test-bucket/images/*");
        output.Should().NotContain("secret").And.NotContain("token");
    }

    [Fact]
    public async Task A_role_that_may_not_be_assumed_is_a_fault_with_advice()
    {
        _sts.Refuse(403, "NoPermission");
        var (code, output) = await ExamineAsync("--Oss:Credentials=role", "--Sts:RoleArn=" + StsImitation.Role);

        code.Should().Be(1);
        output.Should().Contain("✗ 凭证：扮演角色").And.Contain("sts:AssumeRole").And.NotContain("✓ 上传");
    }

    [Theory]
    [InlineData("--Oss:Credentials=role", "✗ 配置：Sts:RoleArn 未填写")]
    [InlineData("--Sts:Duration=00:05:00", "✗ 配置：Sts:Duration 应在")]
    [InlineData("--Sts:RoleArm=acs:ram::1:role/x", "✗ 配置：Sts:RoleArm 不是已有的设置，是否应为 Sts:RoleArn？")]
    public async Task A_setting_that_cannot_work_is_told_by_its_key(string setting, string told)
    {
        var (code, output) = await ExamineAsync(setting);

        code.Should().Be(1);
        output.Should().Contain(told);
    }

    [Fact]
    public async Task Outside_a_function_there_are_no_credentials_of_one()
    {
        var (code, output) = await ExamineAsync("--Oss:Credentials=function");

        code.Should().Be(1);
        output.Should().Contain("✗ 凭证：函数计算的执行角色：没有可用的凭证");
    }

    private async Task<(int Code, string Output)> ExamineAsync(params string[] more)
    {
        var output = new StringWriter();
        var settings = ApiServer.Settings(_emulator!.Address, _folder).Where(pair => pair.Key != "urls").Select(pair => $"--{pair.Key}={pair.Value}");
        var builder = WebApplication.CreateBuilder(
            ["--environment=Production", "--hostBuilder:reloadConfigOnChange=false", "--Sts:Endpoint=" + _sts.Address, .. settings, .. more]);
        return (await Doctor.RunAsync(builder, output), output.ToString());
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using OssProxy.Api.Diagnosis;
using OssProxy.Core.Identity;
using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>What <c>doctor</c> tells an operator: as a program of its own, and fault by fault.</summary>
public sealed class DoctorSpecs : ProcessSpecs
{
    [Fact]
    public async Task A_healthy_deployment_is_told_so_and_nothing_stays_in_the_bucket()
    {
        await using var doctor = await ExamineAsync();

        doctor.ExitCode.Should().Be(0, doctor.Output);
        doctor.Output.Should().Contain("✓ 配置").And.Contain("✓ 数据库").And.Contain("✓ Bucket").And.Contain("✓ 上传").And.Contain("✓ 下载")
            .And.Contain("✓ 删除").And.Contain("✓ 时钟").And.Contain("✓ 公开访问").And.Contain("一切正常");
        (await StoreContents.HasObjectAsync(Folder)).Should().BeFalse();
    }

    [Fact]
    public async Task It_tells_what_pictures_are_rendered_with_or_what_to_install()
    {
        await using var doctor = await ExamineAsync();
        await using var without = await ExamineAsync(("Images:Library", "/dev/null"));

        doctor.Output.Should().Contain("✓ 图片处理：libvips ").And.Contain("可读 bmp、jpg");
        without.ExitCode.Should().Be(0, without.Output);
        without.Output.Should().Contain("! 图片处理：没有找到 libvips").And.Contain("apt-get install libvips42").And.Contain("一切正常");
        Directory.Exists(Path.Combine(Folder, "data", "render")).Should().BeTrue("its workers had their folders there");
        Directory.EnumerateFileSystemEntries(Path.Combine(Folder, "data", "render")).Should().BeEmpty();
    }

    [Fact]
    public async Task It_may_run_beside_the_server()
    {
        await using var server = await ServerProcess.StartAsync(Settings(), Folder);

        await using var doctor = await ExamineAsync();

        doctor.ExitCode.Should().Be(0, doctor.Output);
    }

    [Fact]
    public async Task A_deployment_without_records_is_warned_by_the_server_and_by_the_doctor()
    {
        var settings = Settings(("Records:Provider", "none"));
        await using var server = await ServerProcess.StartAsync(settings, Folder);

        await using var doctor = await ServerProcess.RunAsync(["doctor"], settings, Folder);

        server.Output.Split('\n').Should().ContainSingle(line => line.Contains("\"Warning\"", StringComparison.Ordinal))
            .Which.Should().Contain("Records:Provider is none");
        doctor.ExitCode.Should().Be(0, doctor.Output);
        doctor.Output.Should().Contain("! 数据库：Records:Provider 是 none").And.Contain("一切正常");
    }

    [Theory]
    [InlineData("Oss:AccessKeySecret", "wrong", "Oss:AccessKeySecret 不正确")]
    [InlineData("Oss:AccessKeyId", "nobody", "OSS 不认识 Oss:AccessKeyId")]
    [InlineData("Oss:Bucket", "no-such-bucket", "Bucket 不存在")]
    [InlineData("Oss:Region", "cn-beijing", "Oss:Region")]
    [InlineData("Oss:Endpoint", "http://127.0.0.1:1", "连不上 OSS")]
    [InlineData("Oss:Signature", "v9", "Oss:Signature")]
    [InlineData("Uploads:MaxFileBytes", "0", "Uploads:MaxFileBytes 必须在")]
    [InlineData("Uploads:Transfer", "pigeon", "Uploads:Transfer 的值“pigeon”无效")]
    [InlineData("Records:ConnectionString", "Data Source=/proc/records.db", "Records:ConnectionString")]
    [InlineData("Auth:AdminKey", "short", "Auth:AdminKey 至少要")]
    [InlineData("Auth:AdminKey", AuthOptionsValidator.SampleKey, "Auth:AdminKey 是文档里的例子")]
    [InlineData("Local:Folder", "/proc/no/such/folder", "本机文件目录")]
    [InlineData("Uploads:MaxFileByte", "1000", "Uploads:MaxFileByte 不是已有的设置，是否应为 Uploads:MaxFileBytes？")]
    [InlineData("Oss:Endpiont", "x", "Oss:Endpiont 不是已有的设置，是否应为 Oss:Endpoint？")]
    [InlineData("Storage:Colour", "red", "Storage:Colour 不是已有的设置，请对照 docs/configuration.md")]
    [InlineData("Auth:AdmnKey", "x", "是否应为 Auth:AdminKey？")]
    [InlineData("Uploads:AllowedTypes:0", "jpeg", "请把值直接写在 Uploads:AllowedTypes")]
    [InlineData("Local:Foldr", "x", "是否应为 Local:Folder？")]
    [InlineData("Data:Path", "x", "Data:Path 不是已有的设置")]
    [InlineData("Records:Providers", "sqlite", "是否应为 Records:Provider？")]
    [InlineData("Server:DrainTimeOuts", "00:00:01", "是否应为 Server:DrainTimeout？")]
    public async Task A_fault_is_named_with_the_key_to_change(string key, string value, string said)
    {
        var doctor = await ConsultAsync((key, value));

        doctor.ExitCode.Should().Be(1, doctor.Output);
        doctor.Output.Should().Contain("✗").And.Contain(said).And.NotContain("test-secret").And.NotContain("   at ");
    }

    [Fact]
    public async Task An_unknown_setting_and_a_wrong_one_are_told_at_once_and_keep_the_server_from_starting()
    {
        var settings = Settings();
        settings["Uploads:MaxFileByte"] = "1000";
        settings["Uploads:MaxFiles"] = "0";

        await using var server = await ServerProcess.RunAsync([], settings, Folder);

        server.ExitCode.Should().Be(1);
        server.Output.Should().Contain("Uploads:MaxFileByte ").And.Contain("Uploads:MaxFiles 必须").And.NotContain("   at ");
    }

    [Fact]
    public async Task Variables_that_are_no_settings_of_ours_do_no_harm()
    {
        await using var doctor = await ExamineAsync(
            ("OSS_SERVICE_HOST", "10.0.0.1"), ("UPLOADS_PORT", "tcp://10.0.0.1:80"), ("Emulator:Nonsense", "not embedded here"), ("Lamp:Watts", "40"));

        doctor.ExitCode.Should().Be(0, doctor.Output);
    }

    [Theory]
    [InlineData("Emulator:Limits:MaxObjectByte", "是否应为 Emulator:Limits:MaxObjectBytes？")]
    [InlineData("Emulator:Buckets:0:Nmae", "是否应为 Emulator:Buckets:0:Name？")]
    [InlineData("Emulator:Colour", "Emulator:Colour 不是已有的设置")]
    public async Task The_embedded_emulator_has_no_unknown_settings_either(string key, string said)
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Data:Folder"] = Path.Combine(Folder, "data"),
            ["Emulator:Urls"] = "http://127.0.0.1:0",
            ["Emulator:Cnames:img.example.com"] = "ossproxy",
            ["Emulator:CorsOrigins:0"] = "*",
            [key] = "x",
        };

        await using var server = await ServerProcess.RunAsync([], settings, Folder);

        server.ExitCode.Should().Be(1);
        server.Output.Should().Contain(said).And.NotContain("Cnames 不是").And.NotContain("CorsOrigins 不是");
    }

    [Fact]
    public async Task A_database_that_is_not_there_yet_is_left_to_the_start()
    {
        var doctor = await ConsultAsync();

        doctor.Output.Should().Contain("✓ 数据库").And.Contain("将在启动时创建");
        File.Exists(DatabaseFile).Should().BeFalse();
    }

    [Fact]
    public async Task A_database_older_than_the_program_is_told_and_left_as_it_is()
    {
        await SqlAsync("CREATE TABLE records_schema (version integer PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)");

        var doctor = await ConsultAsync();

        doctor.ExitCode.Should().Be(0, doctor.Output);
        doctor.Output.Should().Contain("启动服务时会自动升级");
        (await SqlAsync("SELECT count(*) FROM sqlite_master WHERE type = 'table'")).Should().Be(1L);
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_a_fault()
    {
        await SqlAsync("""
            CREATE TABLE records_schema (version integer PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL);
            INSERT INTO records_schema VALUES (9999, 'later', 0)
            """);

        var doctor = await ConsultAsync();

        doctor.ExitCode.Should().Be(1, doctor.Output);
        doctor.Output.Should().Contain("9999").And.Contain("请升级程序");
    }

    [Theory]
    [InlineData(180)]
    [InlineData(-5)]
    public async Task A_clock_that_is_wrong_is_noticed_also_when_the_store_still_bears_with_it(int minutes)
    {
        using var skewed = Emulator.Faults.Add(new FaultRule { ClockSkew = TimeSpan.FromMinutes(minutes) });

        var doctor = await ConsultAsync();

        doctor.Output.Should().Contain("! 时钟").And.Contain("NTP");
    }

    [Fact]
    public async Task Without_any_endpoint_development_is_examined_on_an_emulator_of_its_own()
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Data:Folder"] = Path.Combine(Folder, "data"),
            ["TMPDIR"] = Directory.CreateDirectory(Path.Combine(Folder, "tmp")).FullName,
        };

        await using var doctor = await ServerProcess.RunAsync(["doctor"], settings, Folder);

        doctor.ExitCode.Should().Be(0, doctor.Output);
        doctor.Output.Should().Contain("内嵌模拟器");
        Directory.EnumerateDirectories(Path.Combine(Folder, "tmp")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Local:Folder", "/proc/no/such/folder", "Local:Folder")]
    [InlineData("Local:Folder", "data", "Local:Folder 不能是数据目录")]
    [InlineData("Local:Folder", ".", "Local:Folder 不能是数据目录")]
    [InlineData("Serilog:MinimumLevel", "Loud", "Serilog:MinimumLevel")]
    public async Task A_setting_that_cannot_work_keeps_the_server_from_starting_and_is_named(string key, string value, string said)
    {
        var settings = Settings();
        settings[key] = value;

        await using var server = await ServerProcess.RunAsync([], settings, Folder);

        server.ExitCode.Should().Be(1, server.Output);
        server.Output.Should().Contain(said).And.NotContain("   at ");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_without_a_stack_trace()
    {
        var settings = Settings();
        settings["ASPNETCORE_URLS"] = Emulator.Address.ToString();

        await using var server = await ServerProcess.RunAsync([], settings, Folder);

        server.ExitCode.Should().Be(1);
        server.Output.Should().Contain("端口已被占用").And.NotContain("   at ");
    }

    [Fact]
    public async Task In_production_a_missing_endpoint_keeps_the_server_from_starting_and_is_named()
    {
        var settings = new Dictionary<string, string?> { ["Data:Folder"] = Path.Combine(Folder, "data") };

        await using var server = await ServerProcess.RunAsync([], settings, Folder);

        server.ExitCode.Should().Be(1);
        server.Output.Should().Contain("Oss:Endpoint").And.Contain("Oss:Bucket").And.NotContain("   at ");
    }

    [Fact]
    public async Task An_embedded_emulator_that_refuses_its_address_says_so()
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Data:Folder"] = Path.Combine(Folder, "data"),
            ["Emulator:Urls"] = "http://0.0.0.0:0",
        };

        await using var server = await ServerProcess.RunAsync([], settings, Folder);

        server.ExitCode.Should().Be(1);
        server.Output.Should().Contain("OssProxy 无法启动").And.Contain("Emulator:AllowNonLoopback");
    }

    private string DatabaseFile => Path.Combine(Folder, "data", "records.db");

    private async Task<object?> SqlAsync(string sql)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabaseFile)!);
        await using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    private Task<ServerProcess> ExamineAsync(params (string Key, string Value)[] changes)
    {
        var settings = Settings();
        foreach (var (key, value) in changes)
            settings[key] = value;
        return ServerProcess.RunAsync(["doctor"], settings, Folder);
    }

    // The same in this process: a program of its own takes a second to start, and there are many faults.
    private async Task<(int ExitCode, string Output)> ConsultAsync(params (string Key, string Value)[] changes)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = Folder, EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(Settings());
        builder.Configuration.AddInMemoryCollection(changes.Select(change => KeyValuePair.Create(change.Key, (string?)change.Value)));
        var output = new StringWriter();
        var exitCode = await Doctor.RunAsync(builder, output);
        return (exitCode, output.ToString());
    }
}

using Microsoft.AspNetCore.Http;
using OssProxy.Core.Sts;

namespace OssProxy.Tests.Sts;

public sealed class MachineRoleSpecs
{
    private const string Roles = "/latest/meta-data/ram/security-credentials/";

    [Theory]
    [InlineData("")]
    [InlineData(MetadataImitation.Role)]
    public async Task The_hardened_way_is_taken_and_the_role_asked_for_where_it_is_not_named(string named)
    {
        await using var machine = new MetadataImitation { WantsTokens = true };
        await machine.StartAsync();
        var given = await ObtainAsync(machine, named);

        given.Credentials.Should().BeEquivalentTo(new { AccessKeyId = "STS.ecs1", AccessKeySecret = "ecs-secret-1", SecurityToken = "ecs-token-1" });
        machine.Lines.Should().Equal(named.Length > 0
            ? ["PUT /latest/api/token", $"GET {Roles}machine-role"]
            : ["PUT /latest/api/token", $"GET {Roles}", $"GET {Roles}machine-role"]);
        machine.Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_machine_without_tokens_is_asked_without()
    {
        await using var machine = new MetadataImitation { KnowsTokens = false };
        await machine.StartAsync();

        (await ObtainAsync(machine)).Credentials.AccessKeyId.Should().Be("STS.ecs1");
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(MetadataImitation.Role, "another-role")]
    [InlineData("../../instance-id", "")]
    public async Task A_machine_without_this_role_is_misconfigured(string? attached, string named)
    {
        await using var machine = new MetadataImitation { Attached = attached };
        await machine.StartAsync();

        (await FailAsync(machine, named)).Error.Should().Be(StsError.StsMisconfigured);
    }

    [Theory]
    [InlineData("""{"Code":"Failed","AccessKeyId":"STS.x","AccessKeySecret":"ecs-secret-9","SecurityToken":"t","Expiration":"2036-01-01T00:00:00Z"}""")]
    [InlineData("""{"Code":"Success","AccessKeyId":"STS.x","AccessKeySecret":"ecs-secret-9"}""")]
    [InlineData("""{"Code":"Success","AccessKeyId":"STS.x","AccessKeySecret":"ecs-secret-9","SecurityToken":"t","Expiration":"2016-01-01T00:00:00Z"}""")]
    [InlineData("ecs-secret-9")]
    public async Task An_answer_without_credentials_that_are_good_now_is_unavailable_and_not_repeated_to_anybody(string text)
    {
        await using var machine = new MetadataImitation();
        await machine.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            // The token first, then the credentials.
            machine.Instead.Enqueue(context => context.Response.WriteAsync("any-token"));
            machine.Instead.Enqueue(context => context.Response.WriteAsync(text));
        }

        var failure = await FailAsync(machine, MetadataImitation.Role);
        failure.Error.Should().Be(StsError.StsUnavailable);
        failure.ToString().Should().NotContain("ecs-secret-9");
    }

    [Fact]
    public async Task A_moment_of_trouble_is_waited_out()
    {
        await using var machine = new MetadataImitation();
        await machine.StartAsync();
        machine.Instead.Enqueue(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        (await ObtainAsync(machine)).Credentials.AccessKeyId.Should().Be("STS.ecs1");
    }

    private static async Task<TemporaryCredentials> ObtainAsync(MetadataImitation machine, string named = "")
    {
        using var line = new CredentialLine(TimeSpan.FromSeconds(20), TimeProvider.System);
        return await new MachineRole(new Uri(machine.Address), named, line, TimeProvider.System).ObtainAsync();
    }

    private static async Task<StsException> FailAsync(MetadataImitation machine, string named)
    {
        var obtain = () => ObtainAsync(machine, named);
        return (await obtain.Should().ThrowAsync<StsException>()).Which;
    }
}

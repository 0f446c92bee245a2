using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Policies;
using OssProxy.Emulator.Signatures;
using OssProxy.Emulator.Sts;

namespace OssProxy.Tests.Emulator;

/// <summary>What STS remembers, and how much of it.</summary>
public sealed class StsMemorySpecs
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Now.AddMinutes(15);

    [Fact]
    public void A_nonce_is_used_once_by_each_key()
    {
        var ledger = new NonceLedger();
        ledger.Use("a", "1", Later, Now);
        ledger.Use("b", "1", Later, Now);
        ledger.Use("a", "2", Later, Now);
        ledger.Invoking(l => l.Use("a", "1", Later, Later)).Should().Throw<OssException>().Which.Code.Should().Be("SignatureNonceUsed");
        ledger.Use("a", "1", Later.AddMinutes(15), Later.AddSeconds(1));
    }

    [Fact]
    public void A_full_ledger_throttles_rather_than_forgets()
    {
        var ledger = new NonceLedger(capacity: 2);
        ledger.Use("a", "1", Later, Now);
        ledger.Use("a", "2", Later, Now);
        ledger.Invoking(l => l.Use("a", "3", Later, Now)).Should().Throw<OssException>().Which.Code.Should().Be("Throttling.User");
        ledger.Use("a", "3", Later.AddMinutes(15), Later.AddSeconds(1));
    }

    [Fact]
    public void Credentials_are_bounded_and_make_room_when_they_have_ended()
    {
        var issued = new IssuedCredentials();
        var rights = new SessionRights("acs:ram::1:role/r", "1", "cn-hangzhou", null, null);
        var first = issued.Issue(rights, Later, Now)!;
        for (var i = 1; i < IssuedCredentials.Capacity; i++)
            issued.Issue(rights, Later.AddSeconds(1), Now).Should().NotBeNull();

        issued.Issue(rights, Later, Now).Should().BeNull();
        issued.Find(first.AccessKeyId).Should().BeSameAs(first);
        issued.Issue(rights, Later.AddHours(1), Later).Should().NotBeNull();
        issued.Find(first.AccessKeyId).Should().BeNull();
    }

    [Fact]
    public void Credentials_do_not_print_what_is_secret()
    {
        var credential = new IssuedCredentials().Issue(new("acs:ram::1:role/r", "1", "cn-hangzhou", null, null), Later, Now)!;
        credential.ToString().Should().Be(credential.AccessKeyId + ":***");
        credential.AccessKeyId.Should().MatchRegex("^STS\\.[0-9A-Za-z]{24}$");
        new StsCall(default, credential, "", "", new("GET", new Dictionary<string, string>(), new Dictionary<string, string>(), new Dictionary<string, string>(), [])).ToString()
            .Should().NotContain(credential.AccessKeySecret).And.NotContain(credential.SecurityToken);
        new AssumedRole("", "", credential).ToString().Should().NotContain(credential.AccessKeySecret).And.NotContain(credential.SecurityToken);
        new Signer(default, credential).ToString().Should().NotContain(credential.AccessKeySecret).And.NotContain(credential.SecurityToken);
    }
}

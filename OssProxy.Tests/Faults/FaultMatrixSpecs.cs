using System.Globalization;

namespace OssProxy.Tests.Faults;

/// <summary>Every fault of the network, on either side of the server, for every transfer, at every stage of a body.</summary>
public sealed class FaultMatrixSpecs(FaultMatrix matrix) : IClassFixture<FaultMatrix>
{
    public static TheoryData<Side, FaultKind, string, Moment> Cases
    {
        get
        {
            var data = new TheoryData<Side, FaultKind, string, Moment>();
            foreach (var one in FaultCase.All)
                data.Add(one.Side, one.Kind, one.Way.Name, one.Moment);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_right_one_is_blamed_and_record_and_object_agree(Side side, FaultKind kind, string transfer, Moment moment)
    {
        var one = FaultCase.All.Single(c => c.Side == side && c.Kind == kind && c.Way.Name == transfer && c.Moment == moment);
        var (observed, leftovers) = matrix.Of(one);

        observed.Hits.Should().BePositive("otherwise nothing has been tested");
        observed.Verdict.Should().BeOneOf(one.Verdicts);
        if (one.IsHeard)
        {
            var status = FaultCase.StatusOf(observed.Verdict);
            observed.Answer.Should().StartWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "));
            if (status != 200)
                observed.Answer.Should().Contain($"\"errorCode\":\"{observed.Verdict}\"");
        }

        leftovers.Rows[one.Id + ".jpg"].Should().HaveCount(observed.Verdict == LogCatcher.Stored ? 1 : 0);
        leftovers.Objects.Should().BeEquivalentTo(leftovers.Rows.SelectMany(rows => rows), "record and object agree");
        leftovers.SpoolFiles.Should().BeEmpty();
        leftovers.PartUploads.Should().BeEmpty();
        leftovers.Surplus.Should().BeNull("a request has one verdict");

        observed.Ordinary.Should().Be("200 Stored", "the same server goes on as before");
        observed.Errors.Should().BeEmpty("nothing of this is the server's fault");
    }

    [Fact]
    public void No_exception_is_left_in_a_task_that_nobody_awaits() => matrix.Unobserved.Should().BeEmpty();
}

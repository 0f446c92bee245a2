using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>The duties of a store that takes parts, kept by OSS over HTTP; and what is left when its answers are lost.</summary>
public sealed class OssPartsSpecs(EmulatedStore oss) : MultipartObjectStoreSpecs, IClassFixture<EmulatedStore>
{
    protected override NamedStore Store => oss.Store;

    protected override ObjectKey NewKey() => oss.NewKey();

    protected override Task<IReadOnlyList<string>> UnfinishedAsync() => oss.UnfinishedAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_object_whose_joining_was_not_answered_is_looked_at_and_is_a_success(int answersLost)
    {
        var key = NewKey();
        await using var upload = await BeginAsync(key);
        await PutAsync(upload, 1, 0, 1000);
        using var lost = oss.Emulator.Faults.Add(Fault(OssOperation.CompleteMultipartUpload, key) with { Count = answersLost, Reset = FaultReset.BeforeReply });

        var stored = await upload.CompleteAsync(Deadline);

        lost.Hits.Should().Be(answersLost);
        stored.Length.Should().Be(1000);
        await EmulatedStore.ShouldHoldAsync(Store.Store, key, 1000);
    }

    [Fact]
    public async Task A_joining_that_was_not_answered_and_then_refused_may_have_been_done()
    {
        var key = NewKey();
        await using var upload = await BeginAsync(key);
        await PutAsync(upload, 1, 0, 1000);
        using var lost = oss.Emulator.Faults.Add(Fault(OssOperation.CompleteMultipartUpload, key) with { Count = 1, Reset = FaultReset.BeforeReply });
        using var refused = oss.Emulator.Faults.Add(Fault(OssOperation.CompleteMultipartUpload, key) with { Status = 403, Code = "AccessDenied" });

        var complete = () => upload.CompleteAsync(Deadline);

        var failure = (await complete.Should().ThrowAsync<StoreException>()).Which;
        failure.Error.Should().Be(StoreError.StoreAccessDenied);
        failure.MayBeStored.Should().BeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_joining_that_makes_other_bytes_is_told_as_such_and_the_object_is_removed(bool removable)
    {
        var key = NewKey();
        var upload = await BeginAsync(key);
        await PutAsync(upload, 1, 0, 1000);
        using var wrong = oss.Emulator.Faults.Add(Fault(OssOperation.CompleteMultipartUpload, key) with { WrongCrc = true });
        using var kept = removable ? null : oss.Emulator.Faults.Add(Fault(OssOperation.DeleteObject, key) with { Status = 503 });

        var complete = () => upload.CompleteAsync(Deadline);

        var failure = (await complete.Should().ThrowAsync<StoreException>()).Which;
        failure.Error.Should().Be(StoreError.ChecksumMismatch);
        failure.Message.Should().Contain(removable ? "has been removed" : "has not been removed");
        wrong.Hits.Should().Be(1, "what has been joined cannot be joined again");
        (await Store.Store.HeadAsync(key, Deadline) is null).Should().Be(removable);
        await upload.DisposeAsync();
        upload.MayBeLeft.Should().BeFalse("the parts have become the object");
        (await UnfinishedAsync()).Should().NotContain(key.Value);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task An_abortion_is_tried_three_times_and_tells_when_it_failed(int failures, bool left)
    {
        var key = NewKey();
        var upload = await BeginAsync(key);
        using var fault = oss.Emulator.Faults.Add(Fault(OssOperation.AbortMultipartUpload, key) with { Status = 503, Count = failures });

        await upload.DisposeAsync();

        upload.MayBeLeft.Should().Be(left);
        (await UnfinishedAsync()).Contains(key.Value).Should().Be(left);
    }

    [Fact]
    public async Task What_a_part_without_an_answer_may_have_left_is_aborted_until_the_store_knows_it_no_more()
    {
        var key = NewKey();
        var upload = await BeginAsync(key);
        await using var body = new Storage.ScriptedBody(10, _ => Task.FromException(new IOException("gone")));
        var put = () => upload.PutPartAsync(1, body, length: null, Deadline);
        await put.Should().ThrowAsync<IOException>();

        await upload.DisposeAsync();

        oss.Requests(OssOperation.AbortMultipartUpload, key).Select(request => request.Status).Should().Equal(204, 404);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_doubt_about_a_part_outlives_its_repetition(bool broken)
    {
        var key = NewKey();
        var upload = await BeginAsync(key);
        using var fault = oss.Emulator.Faults.Add(Fault(OssOperation.UploadPart, key) with
        {
            Count = 1,
            Status = broken ? null : 503,
            Code = broken ? null : "SlowDown",
            Reset = broken ? FaultReset.BeforeReply : FaultReset.None,
        });
        await PutAsync(upload, 1, 0, 1000);
        await PutAsync(upload, 2, 1000, 1000);
        fault.Hits.Should().Be(1);

        await upload.DisposeAsync();

        // Who was told that the store is busy knows that nothing was begun, and asks once.
        int[] asked = broken ? [204, 404] : [204];
        oss.Requests(OssOperation.AbortMultipartUpload, key).Select(request => request.Status).Should().Equal(asked);
        upload.MayBeLeft.Should().BeFalse();
    }

    private static FaultRule Fault(OssOperation operation, ObjectKey key) => new() { Operation = operation, KeyPattern = key.Value };
}

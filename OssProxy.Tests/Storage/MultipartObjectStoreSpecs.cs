using OssProxy.Core.Storage;
using OssProxy.Tests.Oss;

namespace OssProxy.Tests.Storage;

/// <summary>The duties of a store that takes parts, for every such store.</summary>
public abstract class MultipartObjectStoreSpecs
{
    private const int Part = 120_000;

    protected CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    protected abstract NamedStore Store { get; }

    protected abstract ObjectKey NewKey();

    /// <summary>Keys with parts that are neither joined nor aborted.</summary>
    protected abstract Task<IReadOnlyList<string>> UnfinishedAsync();

    [Fact]
    public async Task Parts_that_come_in_any_order_and_at_once_make_one_object_and_not_before_they_are_joined()
    {
        var key = NewKey();
        await using var upload = await BeginAsync(key);
        await Task.WhenAll(PutAsync(upload, 3, 2 * Part, 7), PutAsync(upload, 1, 0, Part), PutAsync(upload, 2, Part, Part));
        (await Store.Store.HeadAsync(key, Deadline)).Should().BeNull();

        var stored = await upload.CompleteAsync(Deadline);

        stored.Length.Should().Be((2 * Part) + 7);
        stored.ContentType.Should().Be("image/png");
        await EmulatedStore.ShouldHoldAsync(Store.Store, key, (2 * Part) + 7);
        (await Store.Store.HeadAsync(key, Deadline))!.Crc64.Should().Be(stored.Crc64);
        await upload.DisposeAsync();
        upload.MayBeLeft.Should().BeFalse();
        (await UnfinishedAsync()).Should().NotContain(key.Value);
    }

    [Fact]
    public async Task A_part_that_is_sent_again_replaces_itself()
    {
        var key = NewKey();
        await using var upload = await BeginAsync(key);
        await PutAsync(upload, 1, 5, Part);
        await PutAsync(upload, 1, 0, Part);

        await upload.CompleteAsync(Deadline);

        await EmulatedStore.ShouldHoldAsync(Store.Store, key, Part);
    }

    [Fact]
    public async Task A_part_of_unknown_length_is_taken_as_it_comes()
    {
        var key = NewKey();
        await using var upload = await BeginAsync(key);
        await using var body = new ScriptedBody(Part);
        await upload.PutPartAsync(1, body, length: null, Deadline);

        await upload.CompleteAsync(Deadline);

        await EmulatedStore.ShouldHoldAsync(Store.Store, key, Part);
        body.Disposed.Should().BeFalse("the body belongs to the caller");
    }

    [Fact]
    public async Task What_is_disposed_before_it_is_joined_leaves_nothing()
    {
        var key = NewKey();
        var upload = await BeginAsync(key);
        await PutAsync(upload, 1, 0, Part);

        await upload.DisposeAsync();
        await upload.DisposeAsync();

        upload.MayBeLeft.Should().BeFalse();
        (await UnfinishedAsync()).Should().NotContain(key.Value);
        (await Store.Store.HeadAsync(key, Deadline)).Should().BeNull();
    }

    [Fact]
    public async Task A_body_that_throws_comes_out_unchanged()
    {
        var key = NewKey();
        var thrown = new IOException("the phone is gone");
        await using var upload = await BeginAsync(key);
        await using var body = new ScriptedBody(50_000, _ => Task.FromException(thrown));

        var put = () => upload.PutPartAsync(1, body, length: null, Deadline);

        (await put.Should().ThrowAsync<IOException>()).Which.Should().BeSameAs(thrown);
        await upload.DisposeAsync();
        (await UnfinishedAsync()).Should().NotContain(key.Value);
    }

    [Fact]
    public async Task A_key_that_is_taken_meanwhile_is_refused_and_keeps_its_object()
    {
        var key = NewKey();
        await using var upload = await BeginAsync(key);
        await PutAsync(upload, 1, 0, Part);
        await using var other = new ScriptedBody(5);
        await Store.Store.PutAsync(key, new ObjectContent { Body = other, ContentType = "image/png" }, Deadline);

        var complete = () => upload.CompleteAsync(Deadline);

        (await complete.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.ObjectExists);
        await upload.DisposeAsync();
        await EmulatedStore.ShouldHoldAsync(Store.Store, key, 5);
        (await UnfinishedAsync()).Should().NotContain(key.Value);
    }

    [Fact]
    public async Task A_key_that_is_taken_is_refused_before_any_part_is_sent()
    {
        var key = NewKey();
        await using var other = new ScriptedBody(5);
        await Store.Store.PutAsync(key, new ObjectContent { Body = other, ContentType = "image/png" }, Deadline);

        var begin = () => BeginAsync(key);

        (await begin.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.ObjectExists);
    }

    [Fact]
    public async Task Abandoning_a_key_takes_all_that_was_begun_under_it_and_nothing_else()
    {
        var key = NewKey();
        var neighbour = ObjectKey.Parse(key.Value + "x");
        var whole = ObjectKey.Parse(key.Value + "y");
        await PutAsync(await BeginAsync(key), 1, 0, Part);
        await BeginAsync(key);
        await using var beside = await BeginAsync(neighbour);
        await using var body = new ScriptedBody(5);
        await Store.Store.PutAsync(whole, new ObjectContent { Body = body, ContentType = "image/png" }, Deadline);

        await Store.Parts!.AbandonAsync(key, Deadline);

        (await UnfinishedAsync()).Should().NotContain(key.Value).And.Contain(neighbour.Value);
        await Store.Parts.AbandonAsync(key, Deadline);
        await Store.Parts.AbandonAsync(whole, Deadline);
        await EmulatedStore.ShouldHoldAsync(Store.Store, whole, 5);
    }

    protected Task<IPartUpload> BeginAsync(ObjectKey key) =>
        Store.Parts!.BeginAsync(key, new ObjectContent { Body = Stream.Null, ContentType = "image/png" }, Deadline);

    protected async Task PutAsync(IPartUpload upload, int number, long from, int length)
    {
        var bytes = new byte[length];
        ScriptedBody.Fill(bytes, from);
        using var body = new MemoryStream(bytes);
        await upload.PutPartAsync(number, body, length, Deadline);
    }
}

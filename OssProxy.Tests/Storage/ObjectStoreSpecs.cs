using System.Text;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Storage;

/// <summary>The duties of <see cref="IObjectStore"/>, proved for every store that derives from it.</summary>
public abstract partial class ObjectStoreSpecs : IAsyncLifetime
{
    private int _keys;

    protected IObjectStore Store { get; private set; } = null!;

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    /// <summary>Keys that are awkward and that this store must take.</summary>
    protected virtual IEnumerable<string> AwkwardKeys =>
    [
        "a b+c%20d~e.txt", "图片/照片 1.jpg", "images/😀/é.png", "images/e\u0301.png", "qx=1&y#z.txt",
        "UPPER/lower.TXT", "a;b=c,d'e(f)!$@[]{}^`.bin", ".hidden/.file", "images/..two", "deep/1/2/3/4/5/6/7/8/9.txt",
        "cjk/" + new string('图', 80) + ".jpg",
    ];

    public async Task InitializeAsync() => Store = await CreateStoreAsync();

    public virtual Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(300_000, true)]
    [InlineData(300_000, false)]
    public async Task What_is_put_is_what_is_opened(int length, bool lengthKnown)
    {
        var key = NewKey();
        using var body = new ScriptedBody(length);

        var stored = await Store.PutAsync(key, Content(body, lengthKnown ? length : null), Deadline);

        stored.Key.Should().Be(key);
        stored.Length.Should().Be(length);
        stored.ContentType.Should().Be("image/png");
        ShouldBe(await BytesOf(key), Expected(0, length));
        body.Disposed.Should().BeFalse("the body belongs to the caller");
    }

    [Fact]
    public async Task A_head_tells_what_was_put()
    {
        var key = NewKey();
        using var body = new ScriptedBody(5000);
        var content = Content(body, 5000) with { ContentType = "video/mp4", ContentDisposition = "attachment; filename=\"a.mp4\"" };
        await Store.PutAsync(key, content, Deadline);

        var head = await Store.HeadAsync(key, Deadline);

        head.Should().NotBeNull();
        head!.Key.Should().Be(key);
        head.Length.Should().Be(5000);
        head.ContentType.Should().Be("video/mp4");
        await using var reading = await Store.OpenAsync(key, null, Deadline);
        reading!.Source.ContentType.Should().Be("video/mp4");
        reading.Source.Length.Should().Be(5000);
        reading.Range.Should().BeNull();
    }

    [Fact]
    public async Task A_body_is_taken_from_where_it_stands()
    {
        var key = NewKey();
        using var body = new MemoryStream(Encoding.ASCII.GetBytes("skipped|kept"));
        body.Position = 8;

        await Store.PutAsync(key, Content(body, 4), Deadline);

        Encoding.ASCII.GetString(await BytesOf(key)).Should().Be("kept");
        body.CanRead.Should().BeTrue();
    }

    [Theory]
    [InlineData(0, 0L, 0, 0)]
    [InlineData(10, 19L, 10, 19)]
    [InlineData(990, null, 990, 999)]
    [InlineData(0, null, 0, 999)]
    [InlineData(999, 999L, 999, 999)]
    public async Task A_range_is_delivered_alone(long from, long? to, long firstByte, long lastByte)
    {
        var key = NewKey();
        using var body = new ScriptedBody(1000);
        await Store.PutAsync(key, Content(body, 1000), Deadline);

        await using var reading = await Store.OpenAsync(key, new ByteRange(from, to), Deadline);

        reading!.Range.Should().Be(new ByteRange(firstByte, lastByte));
        reading.Source.Length.Should().Be(1000);
        ShouldBe(await BytesOf(reading), Expected(firstByte, (int)(lastByte - firstByte + 1)));
    }

    [Fact]
    public async Task What_does_not_exist_is_null_and_its_deletion_succeeds()
    {
        var key = NewKey();

        (await Store.HeadAsync(key, Deadline)).Should().BeNull();
        (await Store.OpenAsync(key, null, Deadline)).Should().BeNull();
        await Store.DeleteAsync(key, Deadline);
    }

    [Fact]
    public async Task A_deleted_object_is_gone_and_its_key_is_free()
    {
        var key = NewKey();
        await PutText(key, "first");
        await Store.DeleteAsync(key, Deadline);

        (await Store.HeadAsync(key, Deadline)).Should().BeNull();

        await PutText(key, "second");
        Encoding.ASCII.GetString(await BytesOf(key)).Should().Be("second");
    }

    [Fact]
    public async Task A_taken_key_is_refused_and_keeps_its_object()
    {
        var key = NewKey();
        await PutText(key, "first");

        var put = () => PutText(key, "second");

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.ObjectExists);
        Encoding.ASCII.GetString(await BytesOf(key)).Should().Be("first");
    }

    [Fact]
    public async Task Of_sixteen_puts_of_one_key_exactly_one_wins()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = NewKey();
            var allRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var reading = 0;
            // All bodies end at the same moment, so that all sixteen want the name at once.
            async Task<int?> Put(int number)
            {
                using var body = new ScriptedBody(50_000 + number, async token =>
                {
                    if (Interlocked.Increment(ref reading) == 16)
                        allRead.SetResult();
                    await allRead.Task.WaitAsync(token);
                });
                try
                {
                    await Store.PutAsync(key, Content(body, null), Deadline);
                    return number;
                }
                catch (StoreException e) when (e.Error == StoreError.ObjectExists)
                {
                    return null;
                }
            }

            var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(Put));

            var winner = outcomes.Where(number => number is not null).Should().ContainSingle().Which;
            ShouldBe(await BytesOf(key), Expected(0, 50_000 + winner!.Value));
        }
    }

    [Fact]
    public async Task A_reader_of_an_overwritten_key_sees_the_old_object_or_the_new_one()
    {
        var key = NewKey();
        async Task Put(int length)
        {
            using var body = new ScriptedBody(length);
            var type = length == 70_000 ? "image/png" : "video/mp4";
            await Store.PutAsync(key, Content(body, length) with { ForbidOverwrite = false, ContentType = type }, Deadline);
        }

        await Put(70_000);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        var readers = Enumerable.Range(0, 4).Select(async _ =>
        {
            var reads = 0;
            do
            {
                await using var reading = await Store.OpenAsync(key, null, Deadline);
                var bytes = await BytesOf(reading!);
                bytes.Length.Should().BeOneOf(70_000, 90_000);
                bytes.Should().HaveCount((int)reading!.Source.Length);
                reading.Source.ContentType.Should().Be(bytes.Length == 70_000 ? "image/png" : "video/mp4");
                bytes[^1].Should().Be(ScriptedBody.ByteAt(bytes.Length - 1));
                reads++;
            }
            while (!stop.IsCancellationRequested);
            return reads;
        }).ToList();

        for (var i = 0; i < 20; i++)
            await Put(i % 2 == 0 ? 90_000 : 70_000);
        await stop.CancelAsync();

        (await Task.WhenAll(readers)).Should().OnlyContain(reads => reads > 0);
    }

    [Fact]
    public async Task Awkward_keys_are_kept_apart_and_exact()
    {
        var keys = AwkwardKeys.Select(ObjectKey.Parse).ToList();
        foreach (var key in keys)
            await PutText(key, "of " + Convert.ToHexString(Encoding.UTF8.GetBytes(key.Value)));

        foreach (var key in keys)
        {
            var text = Encoding.ASCII.GetString(await BytesOf(key));
            text.Should().Be("of " + Convert.ToHexString(Encoding.UTF8.GetBytes(key.Value)));
            (await Store.HeadAsync(key, Deadline))!.Key.Should().Be(key);
            await Store.DeleteAsync(key, Deadline);
            (await Store.HeadAsync(key, Deadline)).Should().BeNull();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_body_is_read_in_small_pieces(bool lengthKnown)
    {
        const long length = 64L * 1024 * 1024;
        var key = NewKey();
        using var body = new ScriptedBody(length, piece: int.MaxValue);

        await Store.PutAsync(key, Content(body, lengthKnown ? length : null), Deadline);

        body.LargestRead.Should().BeLessThanOrEqualTo(1024 * 1024);
        (await Store.HeadAsync(key, Deadline))!.Length.Should().Be(length);
    }

    /// <summary>A store without any object of this test class.</summary>
    protected abstract Task<IObjectStore> CreateStoreAsync();

    protected static ObjectContent Content(Stream body, long? length) => new() { Body = body, Length = length, ContentType = "image/png" };

    protected async Task PutText(ObjectKey key, string text)
    {
        using var body = new MemoryStream(Encoding.ASCII.GetBytes(text));
        await Store.PutAsync(key, Content(body, body.Length), Deadline);
    }

    protected async Task<byte[]> BytesOf(ObjectKey key)
    {
        await using var reading = await Store.OpenAsync(key, null, Deadline);
        reading.Should().NotBeNull();
        return await BytesOf(reading!);
    }

    protected ObjectKey NewKey() => ObjectKey.Parse($"images/20260105/{Interlocked.Increment(ref _keys)}_9fa0c31b77de.png");

    private async Task<byte[]> BytesOf(ObjectReading reading)
    {
        using var bytes = new MemoryStream();
        await reading.Body.CopyToAsync(bytes, Deadline);
        return bytes.ToArray();
    }

    // Far quicker than comparing collections item by item.
    private static void ShouldBe(byte[] actual, byte[] expected)
    {
        actual.Should().HaveCount(expected.Length);
        actual.AsSpan().SequenceEqual(expected).Should().BeTrue("every byte is the one that was put");
    }

    private static byte[] Expected(long from, int count) =>
        [.. Enumerable.Range(0, count).Select(i => ScriptedBody.ByteAt(from + i))];
}

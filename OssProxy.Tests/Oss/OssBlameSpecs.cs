using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>Whose fault a failure is: the body's comes out as the instance that was thrown, the store's as a <see
/// cref="StoreException"/>.</summary>
public sealed class OssBlameSpecs
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/a.jpg");

    public static TheoryData<string> Failures => ["own", "io", "http", "disposed", "cancelled"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task What_a_body_throws_comes_out_as_the_same_instance_and_the_far_end_never_sees_a_whole_body(string kind)
    {
        foreach (var length in new long?[] { null, 1000 })
        {
            Exception thrown = kind switch
            {
                "own" => new PhoneInTunnelException(),
                "io" => new IOException("the client's socket"),
                "http" => new HttpRequestException("of the body's own"),
                "disposed" => new ObjectDisposedException("body"),
                _ => new OperationCanceledException("the client's token"),
            };
            var over = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var store = new RawStore(async e =>
            {
                try
                {
                    await e.ReadBodyAsync();
                }
                finally
                {
                    over.TrySetResult(e.BodyComplete);
                }
            });
            using var client = Client(store, o => o.Attempts = 3);
            var body = new ScriptedBody(ScriptedBody.Text(new string('x', 500)), () => Task.FromException<byte[]>(thrown));

            var put = () => Put(client, body, length);
            (await put.Should().ThrowAsync<Exception>()).Which.Should().BeSameAs(thrown);
            if (store.Exchanges.Count > 0)
                (await over.Task.WaitAsync(RawStore.Deadline)).Should().BeFalse();

            store.Exchanges.Count.Should().BeLessThan(2, "a body that failed is not sent again, and nobody is asked why");
        }
    }

    [Theory]
    [InlineData(5, "1234")]
    [InlineData(3, "1234")]
    [InlineData(3, "123", "4")]
    [InlineData(0, "1")]
    public async Task A_body_that_is_not_as_long_as_promised_never_looks_complete(int promised, params string[] pieces)
    {
        var over = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var store = new RawStore(async e =>
        {
            try
            {
                await e.ReadBodyAsync();
            }
            finally
            {
                over.TrySetResult(e.BodyComplete);
            }
        });
        using var client = Client(store);
        var put = () => Put(client, new ScriptedBody([.. pieces.Select(ScriptedBody.Text)]), promised);

        (await put.Should().ThrowAsync<BodyLengthException>()).Which.Promised.Should().Be(promised);
        if (store.Exchanges.Count > 0)
            (await over.Task.WaitAsync(RawStore.Deadline)).Should().BeFalse();
    }

    [Fact]
    public async Task A_surplus_shows_before_the_last_promised_byte_is_out()
    {
        var over = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var store = new RawStore(async e =>
        {
            try
            {
                await e.ReadBodyAsync();
            }
            finally
            {
                over.TrySetResult(e.BodyComplete);
            }
        });
        using var client = Client(store);

        // More than any buffer on the way holds back.
        var put = () => Put(client, new ScriptedBody(ScriptedBody.Text(new string('x', 100_000)), ScriptedBody.Text("y")), 100_000);
        await put.Should().ThrowAsync<BodyLengthException>();
        (await over.Task.WaitAsync(RawStore.Deadline)).Should().BeFalse();
    }

    [Fact]
    public async Task A_body_slower_than_the_stores_idle_time_out_is_not_the_stores_fault()
    {
        var time = new Clock();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        using var client = Client(store, time: time);
        var put = Put(client, new ScriptedBody(ScriptedBody.Text("slow "), () =>
        {
            asked.SetResult();
            return release.Task;
        }));

        await asked.Task.WaitAsync(RawStore.Deadline);
        time.Advance(TimeSpan.FromHours(1));
        put.IsCompleted.Should().BeFalse();
        release.SetResult("phone"u8.ToArray());

        (await put.WaitAsync(RawStore.Deadline)).Length.Should().Be(10);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_timed_out_after_the_idle_time_and_not_before()
    {
        var time = new Clock();
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Method == "HEAD")
            {
                await e.RefuseAsync(404, "NoSuchKey");
                return;
            }

            received.SetResult();
            await e.StallAsync();
        });
        using var client = Client(store, time: time);
        var put = Put(client, new ScriptedBody(ScriptedBody.Text("hi")));

        await received.Task.WaitAsync(RawStore.Deadline);
        time.Advance(TimeSpan.FromSeconds(19));
        put.IsCompleted.Should().BeFalse();

        // The store has the body a moment before the client knows that it was sent.
        await time.AdvanceUntilAsync(() => put.IsCompleted, TimeSpan.FromSeconds(2), "the put is given up");

        var wait = () => put;
        (await wait.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreTimedOut);
    }

    [Fact]
    public async Task A_store_that_stops_taking_bytes_is_timed_out()
    {
        await using var store = new RawStore(e => e.Method == "HEAD" ? e.RefuseAsync(404, "NoSuchKey") : e.StallAsync());
        using var client = Client(store, o => o.IdleTimeout = TimeSpan.FromSeconds(1));
        var piece = new byte[1024 * 1024];
        var body = new ScriptedBody([.. Enumerable.Repeat(() => Task.FromResult(piece), 64)]);
        var put = () => Put(client, body).WaitAsync(RawStore.Deadline);

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreTimedOut);
    }

    [Fact]
    public async Task An_object_that_stops_arriving_is_timed_out_but_a_slow_reader_is_not()
    {
        var time = new Clock();
        await using var store = new RawStore(async e =>
        {
            await e.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ");
            await e.StallAsync();
        });
        using var client = Client(store, time: time);
        await using var reading = await new OssObjectStore(client).OpenAsync(Key, null, CancellationToken.None);
        var buffer = new byte[5];

        time.Advance(TimeSpan.FromHours(1));
        await reading!.Body.ReadExactlyAsync(buffer).AsTask().WaitAsync(RawStore.Deadline);
        time.Advance(TimeSpan.FromHours(1));
        var rest = reading.Body.ReadAsync(buffer).AsTask();
        await time.AdvanceUntilAsync(() => rest.IsCompleted, TimeSpan.FromSeconds(21), "the read is given up");

        var wait = () => rest;
        (await wait.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreTimedOut);
    }

    [Fact]
    public async Task An_object_that_is_cut_off_is_the_stores_failure()
    {
        await using var store = new RawStore(async e =>
        {
            await e.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ");
            e.Close();
        });
        using var client = Client(store);
        await using var reading = await new OssObjectStore(client).OpenAsync(Key, null, CancellationToken.None);
        var read = () => new StreamReader(reading!.Body).ReadToEndAsync();

        (await read.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreUnreachable);
    }

    [Fact]
    public async Task The_callers_token_ends_a_call_as_cancelled_whatever_it_waits_for()
    {
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            received.SetResult();
            await e.StallAsync();
        });
        using var client = Client(store, o => o.Attempts = 3);
        using var leaving = new CancellationTokenSource();
        var put = new OssObjectStore(client).PutAsync(Key, Content(new MemoryStream([1]), null), leaving.Token);
        await received.Task.WaitAsync(RawStore.Deadline);
        await leaving.CancelAsync();

        var wait = () => put.WaitAsync(RawStore.Deadline);
        await wait.Should().ThrowAsync<OperationCanceledException>();
        store.Exchanges.Should().ContainSingle();
    }

    [Fact]
    public async Task A_body_that_waits_for_its_client_ends_with_the_callers_token()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        using var client = Client(store);
        using var leaving = new CancellationTokenSource();
        var put = new OssObjectStore(client).PutAsync(Key, Content(new ScriptedBody(() =>
        {
            asked.SetResult();
            return new TaskCompletionSource<byte[]>().Task;
        }), null), leaving.Token);
        await asked.Task.WaitAsync(RawStore.Deadline);
        await leaving.CancelAsync();

        var wait = () => put.WaitAsync(RawStore.Deadline);
        await wait.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_refused_connection_is_unreachable()
    {
        var store = new RawStore(_ => Task.CompletedTask);
        using var client = Client(store);
        await store.DisposeAsync();
        var put = () => Put(client, new ScriptedBody(ScriptedBody.Text("hi")));

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreUnreachable);
    }

    [Fact]
    public async Task An_early_refusal_ends_the_sending_and_is_heard()
    {
        // The store says no to the head and does not read on: what is not stopped here waits until the idle time-out.
        await using var store = new RawStore(async e =>
        {
            await e.RefuseAsync(403, "InvalidAccessKeyId");
            await e.StallAsync();
        });
        using var client = Client(store);
        var pieces = 0;
        var body = new ScriptedBody([.. Enumerable.Repeat(() =>
        {
            pieces++;
            return Task.FromResult(new byte[1024 * 1024]);
        }, 64)]);
        var put = () => Put(client, body).WaitAsync(RawStore.Deadline);

        var failure = (await put.Should().ThrowAsync<StoreException>()).Which;
        failure.Error.Should().Be(StoreError.StoreAccessDenied);
        failure.Message.Should().Contain("InvalidAccessKeyId").And.Contain("5C3D9175B6FC201293AD").And.NotContain("example-secret");
        pieces.Should().BeLessThan(64);
        store.Exchanges.Select(e => e.Method).Should().Equal("PUT");
    }

    [Fact]
    public async Task An_early_refusal_is_told_also_when_the_connection_breaks_behind_it()
    {
        await using var store = new RawStore(async e =>
        {
            await e.RefuseAsync(403, "InvalidAccessKeyId");
            if (e.Method == "PUT")
                e.Reset();
        });
        using var client = Client(store);
        var body = new ScriptedBody([.. Enumerable.Repeat(() => Task.FromResult(new byte[1024 * 1024]), 64)]);
        var put = () => Put(client, body).WaitAsync(RawStore.Deadline);

        // By the answer, where the system still gives it out, else by a HEAD.
        var failure = (await put.Should().ThrowAsync<StoreException>()).Which;
        failure.Error.Should().Be(StoreError.StoreAccessDenied);
        failure.Message.Should().Contain("InvalidAccessKeyId");
        store.Exchanges[0].Method.Should().Be("PUT");
    }

    [Fact]
    public async Task A_refusal_that_is_lost_with_the_pipe_is_asked_for_and_reported()
    {
        await using var store = new RawStore(async e =>
        {
            if (e.Method == "PUT")
                e.Reset();
            else
                await e.RefuseAsync(403, "InvalidAccessKeyId");
        });
        using var client = Client(store);
        var body = new ScriptedBody([.. Enumerable.Repeat(() => Task.FromResult(new byte[1024 * 1024]), 64)]);
        var put = () => Put(client, body).WaitAsync(RawStore.Deadline);

        var failure = (await put.Should().ThrowAsync<StoreException>()).Which;
        failure.Error.Should().Be(StoreError.StoreAccessDenied);
        store.Exchanges.Select(e => e.Method).Should().Equal("PUT", "HEAD");
    }

    [Fact]
    public async Task A_reset_by_a_store_that_answers_otherwise_stays_a_reset()
    {
        await using var store = new RawStore(async e =>
        {
            if (e.Method == "PUT")
                e.Reset();
            else
                await e.RefuseAsync(404, "NoSuchKey");
        });
        using var client = Client(store);
        var put = () => Put(client, new ScriptedBody(ScriptedBody.Text("hi"))).WaitAsync(RawStore.Deadline);

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreUnreachable);
        store.Exchanges.Select(e => e.Method).Should().Equal("PUT", "HEAD");
    }

    private static ObjectContent Content(Stream body, long? length) => new() { Body = body, Length = length, ContentType = "image/jpeg" };

    private static Task<StoredObject> Put(OssClient client, Stream body, long? length = null) =>
        new OssObjectStore(client).PutAsync(Key, Content(body, length), CancellationToken.None);

    private static OssClient Client(RawStore store, Action<OssOptions>? change = null, TimeProvider? time = null) =>
        new(store.Options(change), time ?? TimeProvider.System, NullLogger<OssClient>.Instance);
}

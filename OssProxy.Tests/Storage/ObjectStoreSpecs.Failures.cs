using System.Text;

namespace OssProxy.Tests.Storage;

// What is left, and who is blamed, when a put does not come to its end.
public abstract partial class ObjectStoreSpecs
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(200_000, true)]
    [InlineData(200_000, false)]
    public async Task A_body_that_throws_leaves_nothing_and_its_exception_comes_out_unchanged(int before, bool lengthKnown)
    {
        var key = NewKey();
        var thrown = new ClientLeftException();
        using var body = new ScriptedBody(before, _ => Task.FromException(thrown));

        var put = () => Store.PutAsync(key, Content(body, lengthKnown ? before + 1000 : null), Deadline);

        (await put.Should().ThrowAsync<ClientLeftException>()).Which.Should().BeSameAs(thrown);
        (await Store.HeadAsync(key, Deadline)).Should().BeNull();
    }

    [Fact]
    public async Task A_body_that_fails_with_an_IOException_is_not_taken_for_a_failing_store()
    {
        var key = NewKey();
        using var body = new ScriptedBody(100_000, _ => Task.FromException(new BodyBrokeException()));

        var put = () => Store.PutAsync(key, Content(body, null), Deadline);

        await put.Should().ThrowAsync<BodyBrokeException>();
        (await Store.HeadAsync(key, Deadline)).Should().BeNull();
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(200_000, 200_001)]
    [InlineData(10, 9)]
    public async Task A_body_that_is_not_as_long_as_announced_leaves_nothing(int actual, int announced)
    {
        var key = NewKey();
        using var body = new ScriptedBody(actual);

        var put = () => Store.PutAsync(key, Content(body, announced), Deadline);

        await put.Should().ThrowAsync<Exception>();
        (await Store.HeadAsync(key, Deadline)).Should().BeNull();
    }

    [Fact]
    public async Task A_failed_overwrite_leaves_the_old_object()
    {
        var key = NewKey();
        await PutText(key, "old");
        using var body = new ScriptedBody(100_000, _ => Task.FromException(new ClientLeftException()));

        var put = () => Store.PutAsync(key, Content(body, null) with { ForbidOverwrite = false }, Deadline);

        await put.Should().ThrowAsync<ClientLeftException>();
        Encoding.ASCII.GetString(await BytesOf(key)).Should().Be("old");
    }

    [Fact]
    public async Task A_cancelled_put_is_cancelled_and_leaves_nothing()
    {
        var key = NewKey();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        using var body = new ScriptedBody(100_000, async token =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        });

        var put = () => Store.PutAsync(key, Content(body, null), cancellation.Token);

        await put.Should().ThrowAsync<OperationCanceledException>();
        Deadline.IsCancellationRequested.Should().BeFalse();
        (await Store.HeadAsync(key, Deadline)).Should().BeNull();
    }

    [Fact]
    public async Task A_token_that_is_cancelled_beforehand_stores_nothing()
    {
        var key = NewKey();
        using var body = new ScriptedBody(10);

        var put = () => Store.PutAsync(key, Content(body, 10), new CancellationToken(canceled: true));

        await put.Should().ThrowAsync<OperationCanceledException>();
        (await Store.HeadAsync(key, Deadline)).Should().BeNull();
    }

    private sealed class ClientLeftException : Exception;

    private sealed class BodyBrokeException : IOException;
}

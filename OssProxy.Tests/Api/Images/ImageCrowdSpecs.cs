using System.Net;
using OssProxy.Core.Images;
using OssProxy.Emulator;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>Many who ask at once.</summary>
public sealed class ImageCrowdSpecs
{
    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_thousand_who_ask_for_one_image_cause_one_job()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var renderer = new ScriptedRenderer { Before = token => gate.Task.WaitAsync(token) };
        await using var house = await ImageHouse.OpenAsync(renderer, ("Images:PerClient", "1"));
        await house.PutAsync("a.jpg");
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { BaseAddress = house.Server.Address };

        var asking = Enumerable.Range(0, 1000).Select(_ => client.GetByteArrayAsync("/img/a.jpg!thumb", Deadline)).ToList();
        await Eventually.TrueAsync(() => Task.FromResult(renderer.Calls == 1), "the job has begun");
        gate.SetResult();
        var bodies = await Task.WhenAll(asking);

        renderer.Calls.Should().Be(1);
        bodies.Should().OnlyContain(body => body.SequenceEqual(bodies[0]));
        house.Server.Emulator.Requests.Snapshot().Count(request => request is { Operation: OssOperation.GetObject, Key: "a.jpg" }).Should().Be(1);
        house.Server.Emulator.Requests.Snapshot().Count(request => request.Operation == OssOperation.PutObject && request.Bucket == ImageHouse.Results)
            .Should().Be(1);
    }

    [Fact]
    public async Task A_job_is_cancelled_when_the_last_has_left_and_not_before()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var renderer = new ScriptedRenderer
        {
            Before = async token =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, token);
                }
                finally
                {
                    cancelled.TrySetResult();
                }
            },
        };
        await using var house = await ImageHouse.OpenAsync(renderer);
        await house.PutAsync("a.jpg");
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var one = house.Client.GetAsync("/img/a.jpg!thumb", first.Token);
        var other = house.Client.GetAsync("/img/a.jpg!thumb", second.Token);
        await Eventually.TrueAsync(() => Task.FromResult(renderer.Calls == 1), "the job has begun");
        var images = house.Server.Services.GetService(typeof(OssProxy.Core.Derivatives.DerivedImages)) as OssProxy.Core.Derivatives.DerivedImages;

        await first.CancelAsync();
        await FluentActions.Awaiting(() => one).Should().ThrowAsync<OperationCanceledException>();
        cancelled.Task.IsCompleted.Should().BeFalse();
        images!.UnderWay.Should().Be(1);
        await second.CancelAsync();
        await FluentActions.Awaiting(() => other).Should().ThrowAsync<OperationCanceledException>();

        await cancelled.Task.WaitAsync(Deadline);
        renderer.Before = _ => Task.CompletedTask;
        using var anew = await house.GetAsync("/img/a.jpg!thumb");
        anew.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_failure_is_told_to_all_who_wait_and_tried_anew_for_the_next()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var renderer = new ScriptedRenderer
        {
            Before = token => gate.Task.WaitAsync(token),
            Failure = _ => new ImageException(ImageError.RenderingTimedOut, "GatewayTimeout", "The image took longer to process than it may."),
        };
        await using var house = await ImageHouse.OpenAsync(renderer);
        await house.PutAsync("a.jpg");
        var asking = Enumerable.Range(0, 8).Select(_ => house.GetAsync("/img/a.jpg!thumb")).ToList();
        await Eventually.TrueAsync(() => Task.FromResult(renderer.Calls == 1), "the job has begun");
        gate.SetResult();

        foreach (var answer in await Task.WhenAll(asking))
        {
            await answer.ShouldRefuseAsync(504, "GatewayTimeout");
            answer.Dispose();
        }

        renderer.Failure = _ => null;
        using var next = await house.GetAsync("/img/a.jpg!thumb");
        next.StatusCode.Should().Be(HttpStatusCode.OK);
        (await house.ResultsAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task A_broken_picture_is_fetched_and_tried_once_until_another_is_in_its_place()
    {
        var renderer = new ScriptedRenderer { Failure = _ => new ImageException(ImageError.ImageDamaged, "ImageDamage", "The image file may be damaged.") };
        await using var house = await ImageHouse.OpenAsync(renderer, ("Images:SourceMemory", "00:00:00"));
        await house.PutAsync("a.jpg", 100);
        for (var i = 0; i < 3; i++)
        {
            using var refused = await house.GetAsync("/img/a.jpg!thumb");
            await refused.ShouldRefuseAsync(400, "ImageDamage");
        }

        renderer.Calls.Should().Be(1);
        renderer.Failure = _ => null;
        await house.PutAsync("a.jpg", 200);
        using var mended = await house.GetAsync("/img/a.jpg!thumb");
        mended.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_address_that_waits_for_too_many_is_told_to_come_back_and_served_what_is_there()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var renderer = new ScriptedRenderer();
        await using var house = await ImageHouse.OpenAsync(renderer, ("Images:PerClient", "2"));
        foreach (var key in new[] { "a.jpg", "b.jpg", "c.jpg", "d.jpg" })
            await house.PutAsync(key);
        using var there = await house.GetAsync("/img/d.jpg!thumb");
        renderer.Before = token => gate.Task.WaitAsync(token);
        var waiting = new[] { house.GetAsync("/img/a.jpg!thumb"), house.GetAsync("/img/b.jpg!thumb") };
        await Eventually.TrueAsync(() => Task.FromResult(renderer.Calls == 3), "two are being made");

        using var refused = await house.GetAsync("/img/c.jpg!thumb");
        using var again = await house.GetAsync("/img/d.jpg!thumb");

        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        await refused.ShouldRefuseAsync(429, "QpsLimitExceeded");
        again.StatusCode.Should().Be(HttpStatusCode.OK);
        renderer.Calls.Should().Be(3);
        gate.SetResult();
        foreach (var answer in await Task.WhenAll(waiting))
        {
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            answer.Dispose();
        }

        using var afterwards = await house.GetAsync("/img/c.jpg!thumb");
        afterwards.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_two_nodes_that_make_one_image_the_first_to_keep_it_decides_what_it_is()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var house = await ImageHouse.OpenAsync(new ScriptedRenderer { Signature = "first" });
        await using var other = await house.NeighbourAsync(new ScriptedRenderer { Signature = "second", Before = token => gate.Task.WaitAsync(token) });
        await house.PutAsync("a.jpg");
        var late = other.GetAsync("/img/a.jpg!thumb");
        await Eventually.TrueAsync(() => Task.FromResult(other.Renderer.Calls == 1), "the second node is at work");

        using var made = await house.GetAsync("/img/a.jpg!thumb");
        gate.SetResult();
        using var taken = await late;

        (await made.Content.ReadAsStringAsync()).Should().StartWith("first");
        (await taken.Content.ReadAsStringAsync()).Should().StartWith("first");
        (await house.ResultsAsync()).Should().ContainSingle();
    }
}

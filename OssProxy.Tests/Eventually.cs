namespace OssProxy.Tests;

/// <summary>Waits for what happens in the background: asks again until it is so, at most for the deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            while (!await condition())
                await timer.WaitForNextTickAsync(deadline.Token);
        }
        catch (OperationCanceledException waited)
        {
            throw new TimeoutException($"Not within {Deadline.TotalSeconds} s: {what}", waited);
        }
    }
}

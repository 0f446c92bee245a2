using System.Diagnostics;
using System.Globalization;
using System.Net;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;

namespace OssProxy.Benchmarks.Load;

/// <summary>
/// What the image service is measured with: <c>images &lt;url&gt; &lt;first&gt; &lt;count&gt; &lt;at once&gt; &lt;rest&gt;</c> asks for <c>url</c> + number +
/// <c>rest</c> and says how many came in a second; <c>render &lt;library&gt; &lt;file&gt; &lt;process&gt; &lt;count&gt;</c> does the same work in this process
/// without HTTP and says what one costs in CPU.
/// </summary>
internal static class ImageLoad
{
    public static async Task<int> AskAsync(string[] args)
    {
        if (args is not [var url, var first, var many, var crowd, var rest] || !TryParse(first, out var number) || !TryParse(many, out var count)
            || !TryParse(crowd, out var atOnce))
        {
            await Console.Error.WriteLineAsync("usage: images <url> <first> <count> <at once> <rest>");
            return 2;
        }

        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        var left = count;
        var refused = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var next)
            {
                using var answer = await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{url}{number + next}{rest}"));
                if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
                    Interlocked.Increment(ref refused);
                else if (answer.StatusCode != HttpStatusCode.OK)
                    throw new InvalidOperationException($"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                await answer.Content.LoadIntoBufferAsync();
            }
        }));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(count - refused) / clock.Elapsed.TotalSeconds:0.0} {refused}"));
        return 0;
    }

    public static async Task<int> RenderAsync(string[] args)
    {
        if (args is not [var library, var file, var process, var many] || !TryParse(many, out var count))
        {
            await Console.Error.WriteLineAsync("usage: render <library, or - to find one> <file> <process> <count>");
            return 2;
        }

        var engine = Engine.Start(new EngineSetup { Library = library == "-" ? null : library });
        var source = GC.AllocateUninitializedArray<byte>((int)new FileInfo(file).Length, pinned: true);
        await using (var stream = File.OpenRead(file))
            await stream.ReadExactlyAsync(source);
        var job = new RenderJob { Source = source, Process = ProcessString.Parse(process).Image! };
        // Until the compiler has come to rest, as a server's workers have.
        for (var warm = 0; warm < 30; warm++)
            engine.Render(job);
        var (before, clock) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        for (var done = 0; done < count; done++)
            engine.Render(job);
        var each = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / count;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{each:0.0} {count / clock.Elapsed.TotalSeconds:0.0}"));
        return 0;
    }

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

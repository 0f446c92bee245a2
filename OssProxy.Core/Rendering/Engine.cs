using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>
/// Renders pictures in this process, with libvips. It promises: nothing is decoded that is not on our list of formats, nothing beyond
/// the limits of the job, and every failure is an <see cref="ImageException"/>. It does not promise to survive: a codec can crash or
/// hang, and neither can be undone inside a process, which is why it runs in worker processes with a deadline. One job at a time:
/// libvips has one buffer of errors for the whole process, and one thread per job is the cheapest in CPU.
/// </summary>
public sealed class Engine
{
    private static readonly Lock Starting = new();
    private static bool _started;

    private readonly Lock _rendering = new();

    private Engine(EngineReport report) => Report = report;

    /// <summary>What it can do.</summary>
    public EngineReport Report { get; }

    /// <summary>Loads the library and prepares it; once per process, the first set-up counts.</summary>
    /// <exception cref="ImageException"><see cref="ImageError.EngineMissing"/>: there is no library; the message says what was
    /// tried.</exception>
    public static Engine Start(EngineSetup setup)
    {
        lock (Starting)
        {
            var library = VipsLibrary.Load(setup.Library, out var tried) ?? throw Refusals.NoLibrary(string.Join(", ", tried));
            if (!_started)
            {
                if (VipsNative.vips_init("ossproxy") != 0)
                    throw Refusals.NoLibrary(VipsException.Of("init").Message);

                VipsNative.vips_block_untrusted_set(1);
                VipsNative.vips_concurrency_set(1);
                VipsNative.vips_cache_set_max(0); // no two jobs share anything worth its memory
                _started = true;
            }

            return new Engine(setup.Known ?? EngineReport.Of(library));
        }
    }

    /// <summary>Does a job, now and here.</summary>
    /// <exception cref="ImageException">It cannot be done; every reason has its error.</exception>
    public RenderResult Render(RenderJob job)
    {
        lock (_rendering)
        {
            using var workshop = new VipsWorkshop();
            try
            {
                return new RenderWalk(workshop, job, Report).Run();
            }
            catch (Exception failure) when (failure is VipsException or OverflowException)
            {
                throw Refusals.Failed(failure);
            }
        }
    }
}

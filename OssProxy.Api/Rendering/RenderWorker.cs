using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Api.Rendering;

/// <summary>
/// <c>render-worker</c>: what the server starts of itself to have pictures rendered in. Not for people. No host, no configuration and no
/// log is made here: a worker stands as soon as the library does.
/// </summary>
internal static class RenderWorker
{
    public static int Run(string[] words) => WorkerLoop.Run(words, Start);

    private static WorkerEngine Start(WorkerArguments arguments)
    {
        var engine = Engine.Start(new EngineSetup { Library = arguments.Library, Known = arguments.Known });
        return new WorkerEngine(engine.Report, Parse, engine.Render);
    }

    private static ImageProcess Parse(string canonical) =>
        ProcessString.Parse(canonical).Image ?? throw new InvalidOperationException("A job that is not for pictures.");
}

using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Api.Rendering;

/// <summary>What this program gives to the rendering: itself, to be started as a worker.</summary>
internal static class RenderWorkerRegistration
{
    public static void AddRenderWorkers(this IServiceCollection services) =>
        services.AddSingleton(WorkerCommand.Of(typeof(RenderWorker).Assembly));
}

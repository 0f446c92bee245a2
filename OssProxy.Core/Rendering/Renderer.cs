namespace OssProxy.Core.Rendering;

/// <summary>Renders: the pool of workers, as other rooms see it. The job's bytes are needed until the task has ended.</summary>
/// <param name="poisonKey">The state of the source, so that one that brings renderers down is known again.</param>
/// <exception cref="Images.ImageException">It cannot be done, or not now.</exception>
public delegate Task<RenderResult> Renderer(RenderJob job, string poisonKey, CancellationToken cancellationToken);

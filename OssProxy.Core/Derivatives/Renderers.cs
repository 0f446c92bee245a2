using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>Renders: the pool of workers, as this room sees it. The job's bytes are needed until the task has ended.</summary>
/// <param name="poisonKey">The state of the source, so that one that brings renderers down is known again.</param>
public delegate Task<RenderResult> Renderer(RenderJob job, string poisonKey, CancellationToken cancellationToken);

/// <summary>Takes one picture of a video.</summary>
public delegate Task<RenderResult> SnapshotTaker(ObjectKey video, Snapshot snapshot, CancellationToken cancellationToken);

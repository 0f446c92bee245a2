using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>Takes one picture of a video.</summary>
public delegate Task<RenderResult> SnapshotTaker(ObjectKey video, Snapshot snapshot, CancellationToken cancellationToken);

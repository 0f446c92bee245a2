namespace OssProxy.Core.Goods;

/// <summary>What can be wrong with goods. The names are stable and appear as <c>errorCode</c>.</summary>
public enum GoodsError
{
    /// <summary>There are no such goods, or they are somebody else's where only one's own count.</summary>
    GoodsNotFound,

    /// <summary>The address of an image is none under which this deployment's files are read.</summary>
    GoodsImageElsewhere,

    /// <summary>There is no such image: never uploaded, not whole, deleted, or somebody else's.</summary>
    GoodsImageMissing,

    /// <summary>An image is named twice.</summary>
    GoodsImageRepeated,
}

/// <summary>Goods that were refused or are not there.</summary>
public sealed class GoodsException(GoodsError error, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Why.</summary>
    public GoodsError Error { get; } = error;

    /// <summary>Which image, from 1; null when it is not about one.</summary>
    public int? Position { get; init; }
}

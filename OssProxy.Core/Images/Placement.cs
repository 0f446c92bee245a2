namespace OssProxy.Core.Images;

/// <summary>A rectangle in pixels.</summary>
public readonly record struct Box(int Left, int Top, int Width, int Height);

/// <summary>What <c>resize</c> does to a picture of a given size: scaled first, then cut or laid on a canvas.</summary>
/// <param name="Unchanged">Nothing is done at all.</param>
/// <param name="Width">Pixels after scaling, from 1.</param>
/// <param name="Height">Likewise.</param>
/// <param name="Cut">What is cut out of the scaled picture; null for all of it.</param>
/// <param name="Canvas">The canvas on which the scaled picture is laid: its size, and where its left upper corner comes to lie; null for none.</param>
public sealed record ResizePlan(bool Unchanged, int Width, int Height, Box? Cut, Box? Canvas)
{
    /// <summary>The size of what comes out.</summary>
    public (int Width, int Height) Result =>
        Cut is { } cut ? (cut.Width, cut.Height) : Canvas is { } canvas ? (canvas.Width, canvas.Height) : (Width, Height);
}

/// <summary>The arithmetic of sizes: what an action makes of a picture of a given size. Pure; the only place where it stands.</summary>
public static class Placement
{
    /// <summary>What <c>resize</c> does (decimals are rounded half up, the least side is 1).</summary>
    /// <param name="main">The main picture, for <see cref="Resize.PercentOfMain"/>; null outside watermarks.</param>
    public static ResizePlan Of(Resize resize, int width, int height, (int Width, int Height)? main = null) => throw new NotImplementedException();

    /// <summary>What <c>crop</c> cuts out.</summary>
    /// <exception cref="ImageException">It begins outside the picture.</exception>
    public static Box Of(Crop crop, int width, int height) => throw new NotImplementedException();

    /// <summary>What <c>indexcrop</c> cuts out; all of it when there is no such slice.</summary>
    public static Box Of(IndexCrop crop, int width, int height) => throw new NotImplementedException();

    /// <summary>The square that <c>circle</c> leaves, and the radius that it really has.</summary>
    public static (Box Square, int Radius) Of(Circle circle, int width, int height) => throw new NotImplementedException();

    /// <summary>Where a mark of a given size lies on a picture; may reach over the edges.</summary>
    public static (int Left, int Top) Of(Watermark mark, int markWidth, int markHeight, int width, int height) => throw new NotImplementedException();
}

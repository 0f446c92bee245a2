using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>A picture on its way: sRGB, eight bits, three bands or four. The frames of an animation lie below each other.</summary>
internal sealed record Picture(VipsImage Image, int Frames = 1)
{
    public int Width => Image.Width;

    /// <summary>Of one frame.</summary>
    public int Height => Image.Height / Frames;

    public bool HasAlpha => Image.Bands == 4;
}

using Microsoft.Win32.SafeHandles;

namespace OssProxy.Core.Rendering.Vips;

/// <summary>One reference to a GObject: a source, a target, an image.</summary>
internal class VipsObject : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <param name="pointer">A reference that is ours from now on.</param>
    public VipsObject(nint pointer) : base(ownsHandle: true) => SetHandle(pointer);

    protected override bool ReleaseHandle()
    {
        VipsNative.g_object_unref(handle);
        return true;
    }
}

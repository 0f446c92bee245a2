namespace OssProxy.Core.Rendering.Vips;

/// <summary>libvips said no. The text is its own: for logs, never for clients.</summary>
internal sealed class VipsException(string operation, string text) : Exception($"{operation}: {text.Trim()}")
{
    /// <summary>Takes what libvips has to say of its last failure. Its buffer is one for the whole process, so this is true only because
    /// one job runs at a time.</summary>
    public static VipsException Of(string operation)
    {
        var buffer = VipsNative.vips_error_buffer_copy();
        try
        {
            return new VipsException(operation, System.Runtime.InteropServices.Marshal.PtrToStringUTF8(buffer) ?? "");
        }
        finally
        {
            VipsNative.g_free(buffer);
        }
    }
}

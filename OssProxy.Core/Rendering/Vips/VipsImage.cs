using System.Runtime.InteropServices;

namespace OssProxy.Core.Rendering.Vips;

/// <summary>An image of libvips: a promise of pixels more often than pixels.</summary>
internal sealed class VipsImage(nint pointer) : VipsObject(pointer)
{
    public int Width => VipsNative.vips_image_get_width(this);

    /// <summary>Of all frames together: the frames of an animation lie below each other.</summary>
    public int Height => VipsNative.vips_image_get_height(this);

    public int Bands => VipsNative.vips_image_get_bands(this);
    public int Format => VipsNative.vips_image_get_format(this);
    public int Interpretation => VipsNative.vips_image_get_interpretation(this);
    public bool HasAlpha => VipsNative.vips_image_hasalpha(this) != 0;

    /// <summary>The frames of the file, loaded or not.</summary>
    public int Pages => VipsNative.vips_image_get_n_pages(this);

    public int PageHeight => VipsNative.vips_image_get_page_height(this);

    /// <summary>EXIF's 1–8; 1 where the file says nothing.</summary>
    public int Orientation => VipsNative.vips_image_get_orientation(this);

    /// <summary>The names of what is known of it.</summary>
    public unsafe IReadOnlyList<string> Fields()
    {
        var names = new List<string>();
        var strings = VipsNative.vips_image_get_fields(this);
        if (strings == 0)
            return names;
        for (var next = (nint*)strings; *next != 0; next++)
            names.Add(Marshal.PtrToStringUTF8(*next)!);
        VipsNative.g_strfreev(strings);
        return names;
    }

    /// <summary>A field that is a number; null when it has no such field.</summary>
    public int? Number(string field)
    {
        if (VipsNative.vips_image_get_int(this, field, out var value) == 0)
            return value;

        VipsNative.vips_error_clear();
        return null;
    }

    /// <summary>A copy of a field's bytes; null when it has no such field.</summary>
    public unsafe byte[]? Blob(string field)
    {
        if (VipsNative.vips_image_get_blob(this, field, out var bytes, out var length) == 0)
            return length > int.MaxValue ? null : new ReadOnlySpan<byte>((void*)bytes, (int)length).ToArray();

        VipsNative.vips_error_clear();
        return null;
    }

    /// <summary>Computes all of it and copies the pixels, row after row, without padding.</summary>
    /// <exception cref="VipsException">It could not be computed.</exception>
    public unsafe byte[] Pixels()
    {
        var memory = VipsNative.vips_image_write_to_memory(this, out var length);
        if (memory == 0)
            throw VipsException.Of("write_to_memory");
        try
        {
            return new ReadOnlySpan<byte>((void*)memory, checked((int)length)).ToArray();
        }
        finally
        {
            VipsNative.g_free(memory);
        }
    }

    /// <summary>Only for images that nobody else has seen yet, such as the result of <c>copy</c>.</summary>
    public void Set(string field, int value) => VipsNative.vips_image_set_int(this, field, value);

    /// <inheritdoc cref="Set(string, int)"/>
    public void Set(string field, double value) => VipsNative.vips_image_set_double(this, field, value);

    /// <summary>Takes over a field of another image, if that has it.</summary>
    /// <inheritdoc cref="Set(string, int)"/>
    public unsafe void Set(string field, VipsImage from)
    {
        var value = default(GValue);
        if (VipsNative.vips_image_get(from, field, &value) != 0)
        {
            VipsNative.vips_error_clear();
            return;
        }

        VipsNative.vips_image_set(this, field, &value);
        VipsNative.g_value_unset(&value);
    }

    /// <inheritdoc cref="Set(string, int)"/>
    public void Remove(string field) => VipsNative.vips_image_remove(this, field);
}

using System.Runtime.InteropServices;

namespace OssProxy.Core.Rendering.Vips;

/// <summary>The entry points of libvips and GObject that the engine uses. None is variadic: .NET cannot call those on every platform,
/// and all that they do can be done through properties. The names are C's, so that they can be found in its documentation.</summary>
internal static unsafe partial class VipsNative
{
    /// <summary>A logical name; <see cref="VipsLibrary"/> tells the runtime which file it is.</summary>
    public const string Library = "ossproxy-vips";

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int vips_init(string program);

    [LibraryImport(Library)]
    public static partial int vips_version(int part);

    [LibraryImport(Library)]
    public static partial void vips_block_untrusted_set(int block);

    [LibraryImport(Library)]
    public static partial void vips_concurrency_set(int threads);

    [LibraryImport(Library)]
    public static partial void vips_cache_set_max(int operations);

    [LibraryImport(Library)]
    public static partial ulong vips_tracked_get_mem();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint vips_type_find(string parent, string nickname);

    [LibraryImport(Library)]
    public static partial void vips_error_clear();

    [LibraryImport(Library)]
    public static partial nint vips_error_buffer_copy();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint vips_operation_new(string nickname);

    [LibraryImport(Library)]
    public static partial nint vips_cache_operation_build(nint operation);

    [LibraryImport(Library)]
    public static partial void vips_object_unref_outputs(nint vipsObject);

    [LibraryImport(Library)]
    public static partial nint vips_source_new_from_memory(void* bytes, nuint length);

    [LibraryImport(Library)]
    public static partial nint vips_target_new_to_memory();

    [LibraryImport(Library)]
    public static partial nint vips_image_new_from_memory_copy(void* pixels, nuint length, int width, int height, int bands, int format);

    [LibraryImport(Library)]
    public static partial nint vips_image_copy_memory(VipsObject image);

    [LibraryImport(Library)]
    public static partial nint vips_image_write_to_memory(VipsObject image, out nuint length);

    [LibraryImport(Library)]
    public static partial int vips_image_get_width(VipsObject image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_height(VipsObject image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_bands(VipsObject image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_format(VipsObject image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_interpretation(VipsObject image);

    [LibraryImport(Library)]
    public static partial int vips_image_hasalpha(VipsObject image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_n_pages(VipsObject image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_page_height(VipsObject image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_orientation(VipsObject image);

    [LibraryImport(Library)]
    public static partial nint vips_image_get_fields(VipsObject image);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int vips_image_get_blob(VipsObject image, string name, out nint bytes, out nuint length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void vips_image_set_int(VipsObject image, string name, int value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void vips_image_set_double(VipsObject image, string name, double value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int vips_image_get(VipsObject image, string name, GValue* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void vips_image_set(VipsObject image, string name, GValue* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int vips_image_remove(VipsObject image, string name);

    [LibraryImport(Library)]
    public static partial void vips_value_set_array_double(GValue* value, double* array, int count);

    [LibraryImport(Library)]
    public static partial void vips_value_set_array_image(GValue* value, int count);

    [LibraryImport(Library)]
    public static partial nint* vips_value_get_array_image(GValue* value, out int count);

    [LibraryImport(Library)]
    public static partial nint vips_value_get_blob(GValue* value, out nuint length);

    [LibraryImport(Library)]
    public static partial void g_value_init(GValue* value, nint type);

    [LibraryImport(Library)]
    public static partial void g_value_unset(GValue* value);

    [LibraryImport(Library)]
    public static partial void g_value_set_boolean(GValue* value, int flag);

    [LibraryImport(Library)]
    public static partial void g_value_set_int(GValue* value, int number);

    [LibraryImport(Library)]
    public static partial void g_value_set_uint64(GValue* value, ulong number);

    [LibraryImport(Library)]
    public static partial void g_value_set_enum(GValue* value, int number);

    [LibraryImport(Library)]
    public static partial void g_value_set_flags(GValue* value, uint number);

    [LibraryImport(Library)]
    public static partial void g_value_set_double(GValue* value, double number);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void g_value_set_string(GValue* value, string text);

    [LibraryImport(Library)]
    public static partial void g_value_set_object(GValue* value, VipsObject item);

    [LibraryImport(Library)]
    public static partial nint g_value_get_object(GValue* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void g_object_set_property(nint target, string name, GValue* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void g_object_get_property(nint target, string name, GValue* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint g_object_class_find_property(nint objectClass, string name);

    [LibraryImport(Library)]
    public static partial nint g_object_ref(nint target);

    [LibraryImport(Library)]
    public static partial void g_object_unref(nint target);

    [LibraryImport(Library)]
    public static partial nint g_type_fundamental(nint type);

    [LibraryImport(Library)]
    public static partial void g_free(nint memory);

    [LibraryImport(Library)]
    public static partial void g_strfreev(nint strings);
}

/// <summary>GLib's <c>GValue</c>: a type and two words, 24 bytes on every 64-bit platform; all zero before it is initialised.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GValue
{
    public nint Type;
    public long First;
    public long Second;
}

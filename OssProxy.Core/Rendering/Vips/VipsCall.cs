using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace OssProxy.Core.Rendering.Vips;

/// <summary>
/// One operation of libvips: its inputs are properties of a GObject, set by name, each as the type that the property has; then it is
/// built, and its outputs are read as properties too. No text that came from outside is ever set where libvips would read a file name.
/// </summary>
internal sealed unsafe class VipsCall : IDisposable
{
    // Where a GParamSpec keeps the type of its value: after the type instance (8), the name (8), and the flags with their padding (8).
    private const int OffsetOfValueType = 24;

    private const int Boolean = 20, Int = 24, UInt64 = 44, Enumeration = 48, Flags = 52, Double = 60, Text = 64;

    private static readonly ConcurrentDictionary<(string Operation, string Property), nint> PropertyTypes = new();

    private readonly VipsWorkshop _workshop;
    private readonly string _nickname;
    private nint _operation;
    private bool _built;

    public VipsCall(VipsWorkshop workshop, string nickname)
    {
        _workshop = workshop;
        _nickname = nickname;
        VipsNative.vips_error_clear(); // what a call that succeeded has left there
        _operation = VipsNative.vips_operation_new(nickname);
        if (_operation == 0)
            throw VipsException.Of(nickname);
    }

    /// <summary>Whether this version of the library has such a property.</summary>
    public bool Knows(string property) => TypeOf(_operation, property) != 0;

    public VipsCall With(string property, double number)
    {
        var value = Begin(property, out var fundamental);
        switch (fundamental)
        {
            case Boolean: VipsNative.g_value_set_boolean(&value, number != 0 ? 1 : 0); break;
            case Int: VipsNative.g_value_set_int(&value, (int)number); break;
            case UInt64: VipsNative.g_value_set_uint64(&value, (ulong)number); break;
            case Enumeration: VipsNative.g_value_set_enum(&value, (int)number); break;
            case Flags: VipsNative.g_value_set_flags(&value, (uint)number); break;
            case Double: VipsNative.g_value_set_double(&value, number); break;
            default: return SetArray(property, [number], ref value);
        }

        return End(property, ref value);
    }

    public VipsCall With(string property, bool flag) => With(property, flag ? 1 : 0);

    /// <summary>Texts of our own making only; see the class.</summary>
    public VipsCall With(string property, string text)
    {
        var value = Begin(property, out var fundamental);
        if (fundamental != Text)
            throw new VipsException(_nickname, $"{property} is no text");
        VipsNative.g_value_set_string(&value, text);
        return End(property, ref value);
    }

    public VipsCall With(string property, VipsObject item)
    {
        var value = Begin(property, out _);
        VipsNative.g_value_set_object(&value, item);
        return End(property, ref value);
    }

    public VipsCall With(string property, params ReadOnlySpan<double> numbers)
    {
        var value = Begin(property, out _);
        return SetArray(property, numbers, ref value);
    }

    public VipsCall With(string property, IReadOnlyList<VipsImage> images)
    {
        var value = Begin(property, out _);
        VipsNative.vips_value_set_array_image(&value, images.Count);
        var places = VipsNative.vips_value_get_array_image(&value, out _);
        for (var place = 0; place < images.Count; place++)
            places[place] = VipsNative.g_object_ref(images[place].DangerousGetHandle()); // the workshop keeps them alive
        return End(property, ref value);
    }

    /// <exception cref="VipsException">It failed.</exception>
    public void Run()
    {
        var built = VipsNative.vips_cache_operation_build(_operation);
        if (built == 0)
        {
            VipsNative.vips_object_unref_outputs(_operation);
            throw VipsException.Of(_nickname);
        }

        VipsNative.g_object_unref(_operation);
        _operation = built;
        _built = true;
    }

    /// <summary>Runs it and takes an image that it makes.</summary>
    /// <exception cref="VipsException">It failed.</exception>
    public VipsImage Image(string output = "out")
    {
        if (!_built)
            Run();

        var value = Read(_operation, output);
        var image = VipsNative.g_value_get_object(&value);
        if (image != 0)
            VipsNative.g_object_ref(image);
        VipsNative.g_value_unset(&value);
        return _workshop.Image(image, _nickname);
    }

    /// <summary>A copy of a blob that another object has as a property.</summary>
    public static byte[] Blob(VipsObject holder, string property)
    {
        var value = Read(holder.DangerousGetHandle(), property);
        try
        {
            var bytes = VipsNative.vips_value_get_blob(&value, out var length);
            return new ReadOnlySpan<byte>((void*)bytes, checked((int)length)).ToArray();
        }
        finally
        {
            VipsNative.g_value_unset(&value);
        }
    }

    public void Dispose()
    {
        if (_operation == 0)
            return;
        if (_built)
            VipsNative.vips_object_unref_outputs(_operation);
        VipsNative.g_object_unref(_operation);
        _operation = 0;
    }

    private GValue Begin(string property, out nint fundamental)
    {
        var type = PropertyTypes.GetOrAdd((_nickname, property), static (key, operation) => TypeOf(operation, key.Property), _operation);
        if (type == 0)
            throw new VipsException(_nickname, $"there is no {property}");

        var value = default(GValue);
        VipsNative.g_value_init(&value, type);
        fundamental = VipsNative.g_type_fundamental(type);
        return value;
    }

    private VipsCall SetArray(string property, ReadOnlySpan<double> numbers, ref GValue value)
    {
        fixed (GValue* place = &value)
        fixed (double* first = numbers)
            VipsNative.vips_value_set_array_double(place, first, numbers.Length);
        return End(property, ref value);
    }

    private VipsCall End(string property, ref GValue value)
    {
        fixed (GValue* place = &value)
        {
            VipsNative.g_object_set_property(_operation, property, place);
            VipsNative.g_value_unset(place);
        }

        return this;
    }

    private static GValue Read(nint holder, string property)
    {
        var value = default(GValue);
        VipsNative.g_value_init(&value, TypeOf(holder, property));
        VipsNative.g_object_get_property(holder, property, &value);
        return value;
    }

    private static nint TypeOf(nint holder, string property)
    {
        var specification = VipsNative.g_object_class_find_property(Marshal.ReadIntPtr(holder), property);
        return specification == 0 ? 0 : Marshal.ReadIntPtr(specification, OffsetOfValueType);
    }
}

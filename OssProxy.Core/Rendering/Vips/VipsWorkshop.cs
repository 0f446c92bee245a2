using System.Buffers;

namespace OssProxy.Core.Rendering.Vips;

/// <summary>
/// Everything that one job makes of libvips. Images refer to the source's bytes and to each other, so nothing is let go before the end,
/// and then in reverse order: images first, the pinned bytes last. libvips is given our memory, not a copy.
/// </summary>
internal sealed unsafe class VipsWorkshop : IDisposable
{
    private readonly Stack<IDisposable> _things = new();

    /// <summary>Begins one operation of libvips, by its nickname.</summary>
    /// <exception cref="VipsException">The library has no such operation.</exception>
    public VipsCall Call(string nickname) => Keep(new VipsCall(this, nickname));

    /// <summary>Bytes to read from. Empty ones must not come here: libvips crashes on them.</summary>
    public VipsObject Source(ReadOnlyMemory<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length, nameof(bytes));
        var pin = Keep(new Pin(bytes.Pin()));
        return Keep(new VipsObject(Made(VipsNative.vips_source_new_from_memory(pin.Pointer, (nuint)bytes.Length), "source")));
    }

    /// <summary>An image of bytes that are copied: one byte per band, row after row, without padding.</summary>
    public VipsImage FromPixels(ReadOnlySpan<byte> pixels, int width, int height, int bands)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, checked(width * height * bands), nameof(pixels));
        fixed (byte* first = pixels)
        {
            var image = Image(VipsNative.vips_image_new_from_memory_copy(
                first, (nuint)pixels.Length, width, height, bands, VipsEnums.FormatUChar));
            return Call("copy").With("in", image)
                .With("interpretation", bands < 3 ? VipsEnums.InterpretationGrey : VipsEnums.InterpretationSrgb).Image();
        }
    }

    /// <summary>A matrix for the convolutions, with the sum of it as its scale.</summary>
    public VipsImage Matrix(ReadOnlySpan<double> numbers, int width, int height)
    {
        fixed (double* first = numbers)
        {
            var image = Image(VipsNative.vips_image_new_from_memory_copy(
                first, (nuint)(numbers.Length * sizeof(double)), width, height, 1, VipsEnums.FormatDouble));
            var sum = 0.0;
            foreach (var number in numbers)
                sum += number;
            image.Set("scale", sum);
            return image;
        }
    }

    /// <summary>Computes an image now, into memory, once. What comes of it can be read in any order and as often as one likes.</summary>
    /// <exception cref="VipsException">It could not be computed.</exception>
    public VipsImage Computed(VipsImage image) => Image(VipsNative.vips_image_copy_memory(image), "copy_memory");

    /// <summary>Runs a saver and returns what it wrote.</summary>
    /// <param name="save">The call with everything set but <c>target</c>.</param>
    /// <exception cref="VipsException">It could not be computed or saved.</exception>
    public byte[] Saved(VipsCall save)
    {
        // Not vips_target_steal: in 8.14 it reads through a null pointer once the saver has ended the target.
        var target = Keep(new VipsObject(Made(VipsNative.vips_target_new_to_memory(), "target")));
        save.With("target", target).Run();
        return VipsCall.Blob(target, "blob");
    }

    public VipsImage Image(nint pointer, string operation = "image") => Keep(new VipsImage(Made(pointer, operation)));

    public void Dispose()
    {
        while (_things.TryPop(out var thing))
            thing.Dispose();
    }

    private static nint Made(nint pointer, string operation) => pointer != 0 ? pointer : throw VipsException.Of(operation);

    private T Keep<T>(T thing) where T : IDisposable
    {
        _things.Push(thing);
        return thing;
    }

    private sealed class Pin(MemoryHandle handle) : IDisposable
    {
        private MemoryHandle _handle = handle;

        public void* Pointer => _handle.Pointer;

        public void Dispose() => _handle.Dispose();
    }
}

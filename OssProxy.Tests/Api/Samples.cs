namespace OssProxy.Tests.Api;

/// <summary>Real files, as clients send them.</summary>
internal static class Samples
{
    public static byte[] Photo { get; } = Read("photo.jpg");

    public static byte[] Clip { get; } = Read("clip.mp4");

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Samples", name);

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    /// <summary>A JPEG of any size: a real one, followed by bytes that its decoder never reaches.</summary>
    public static byte[] PhotoOf(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        Photo.AsSpan(0, Math.Min(length, Photo.Length)).CopyTo(bytes);
        return bytes;
    }
}

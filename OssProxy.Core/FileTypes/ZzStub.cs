#pragma warning disable
namespace OssProxy.Core.FileTypes;
public readonly record struct PictureSize(int Width, int Height) { public static PictureSize? Of(FileType type, ReadOnlySpan<byte> head) => null; }

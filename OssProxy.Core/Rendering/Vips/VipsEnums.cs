namespace OssProxy.Core.Rendering.Vips;

/// <summary>The numbers of libvips's enumerations that the engine uses (libvips's headers; they never change within version 8).</summary>
internal static class VipsEnums
{
    public const int AccessSequential = 1;
    public const int FailOnError = 2;
    public const int SizeForce = 3;
    public const int BlendOver = 2;
    public const int ExtendCopy = 1;
    public const int ExtendBackground = 5;
    public const int FormatUChar = 0;
    public const int FormatDouble = 8;
    public const int InterpretationGrey = 1;
    public const int InterpretationCmyk = 15;
    public const int InterpretationSrgb = 22;
    public const int PrecisionInteger = 0;
    public const int HeifHevc = 1;
    public const int HeifAv1 = 4;
    public const int TiffLzw = 5;
    public const int TiffPredictorHorizontal = 2;
    public const int KeepNothing = 0;
    public const int KeepExif = 1;

    /// <summary>The bytes of one number in a format of pixels.</summary>
    public static int BytesOf(int format) => format switch
    {
        FormatUChar or 1 => 1,
        2 or 3 => 2,
        4 or 5 or 6 => 4,
        7 or FormatDouble => 8,
        _ => 16,
    };
}

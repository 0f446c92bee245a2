using System.Globalization;
using System.Text.Json;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Images;
using OssProxy.Core.Videos;

namespace OssProxy.Api.Videos;

/// <summary>What a chat client asks for: a picture of a video at a time. Numbers may come as text; they are told back as they came.</summary>
/// <param name="TimeEcho">The time as it came.</param>
/// <param name="WidthEcho">The width as it came; <see cref="OriginalWidth"/> when none did.</param>
/// <param name="Format">Likewise.</param>
internal sealed record SnapshotRequest(string VideoUrl, Snapshot Snapshot, object TimeEcho, object WidthEcho, string Format)
{
    /// <summary>What is told of a width that nobody has asked for.</summary>
    public const string OriginalWidth = "原始宽度";

    // No video is longer that comes from a phone; beyond it the last picture would come in any case.
    private const double LongestMilliseconds = 24 * 60 * 60 * 1000;

    /// <exception cref="ApiException">A field cannot be used; the texts are those that the clients know.</exception>
    public static SnapshotRequest Of(Fields fields)
    {
        if (fields["videoUrl"]?.Single is not { Length: > 0 } url)
            throw Invalid("视频地址不能为空");
        if (fields["time"] is not { } time || !IsNumber(time, 0, LongestMilliseconds, out var milliseconds))
            throw Invalid("时间点参数无效");

        var width = 0.0;
        var asked = fields["width"] is { IsEmptyText: false } value ? value : (FieldValue?)null;
        if (asked is { } side && (!IsNumber(side, 1, VideoSnapshots.MaxSide, out width) || width != Math.Floor(width)))
            throw Invalid($"图片宽度应在1-{VideoSnapshots.MaxSide}之间");

        var format = fields["format"] is { IsEmptyText: false } named ? named.Single ?? "" : "png";
        var kind = format.ToUpperInvariant() switch
        {
            "PNG" => ImageFormat.Png,
            "JPG" or "JPEG" => ImageFormat.Jpeg,
            _ => throw Invalid("图片格式只能是 png 或 jpg"),
        };
        var snapshot = new Snapshot(
            TimeSpan.FromMilliseconds(Math.Floor(milliseconds)), (int)width, Height: 0, kind, Fast: false, AutoRotate: true, Canonical: "");
        return new SnapshotRequest(url, snapshot, Echo(time), asked is { } echoed ? Echo(echoed) : OriginalWidth, format);
    }

    /// <summary>A refusal in the words that the clients know.</summary>
    public static ApiException Invalid(string text) => new(ApiError.RequestInvalid) { Text = text };

    private static bool IsNumber(FieldValue value, double least, double most, out double number)
    {
        number = 0;
        return value.Single is { } text
            && double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            && number >= least && number <= most;
    }

    private static object Echo(FieldValue value) => value.IsText ? value.Single! : JsonSerializer.Deserialize<JsonElement>(value.Single!);
}

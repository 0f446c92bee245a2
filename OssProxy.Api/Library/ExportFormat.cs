using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OssProxy.Api.Envelope;

namespace OssProxy.Api.Library;

/// <summary>How rows are written into an export: what comes first, and each row.</summary>
internal sealed class ExportFormat
{
    private static readonly (string Name, Func<ConsoleImage, object?> Value)[] Columns =
    [
        ("id", row => row.Id), ("image_class_id", row => row.ClassId), ("name", row => row.Name), ("original_name", row => row.OriginalName),
        ("url", row => row.Url), ("path", row => row.Path), ("mime", row => row.Mime), ("size", row => row.Size),
        ("width", row => row.Width), ("height", row => row.Height), ("order", row => row.Order), ("status", row => row.Status),
        ("owner", row => row.Owner), ("created_by", row => row.CreatedBy), ("storage", row => row.Storage), ("bucket", row => row.Bucket),
        ("crc64", row => row.Crc64), ("sha256", row => row.Sha256), ("create_time", row => row.CreateTime),
        ("update_time", row => row.UpdateTime), ("main_color", row => row.MainColor),
    ];

    private static readonly ExportFormat Csv = new("csv", "text/csv; charset=utf-8; header=present", writer =>
    {
        // Without the mark Excel reads UTF-8 as the machine's old code page.
        writer.Write(Encoding.UTF8.Preamble);
        WriteCsv(Columns.Select(column => (object?)column.Name), writer);
    }, (row, writer) => WriteCsv(Columns.Select(column => column.Value(row)), writer));

    private static readonly ExportFormat NdJson = new("ndjson", "application/x-ndjson; charset=utf-8", _ => { }, (row, writer) =>
    {
        writer.Write(JsonSerializer.SerializeToUtf8Bytes(row, Reply.Json));
        writer.Write("\n"u8);
    });

    private readonly Action<IBufferWriter<byte>> _begin;
    private readonly Action<ConsoleImage, IBufferWriter<byte>> _row;

    private ExportFormat(string name, string mediaType, Action<IBufferWriter<byte>> begin, Action<ConsoleImage, IBufferWriter<byte>> row)
    {
        Name = name;
        MediaType = mediaType;
        _begin = begin;
        _row = row;
    }

    /// <summary>What it is asked for by, and the extension of the file.</summary>
    public string Name { get; }

    public string MediaType { get; }

    /// <summary>The format of this name; CSV when none is named, null when there is no such format.</summary>
    public static ExportFormat? Find(string? name) => name switch
    {
        null or "" or "csv" => Csv,
        "ndjson" => NdJson,
        _ => null,
    };

    public void WriteBegin(IBufferWriter<byte> writer) => _begin(writer);

    public void Write(ConsoleImage row, IBufferWriter<byte> writer) => _row(row, writer);

    // RFC 4180.
    private static void WriteCsv(IEnumerable<object?> values, IBufferWriter<byte> writer)
    {
        var line = new StringBuilder();
        foreach (var value in values)
        {
            if (line.Length > 0)
                line.Append(',');
            line.Append(value is string text ? Quoted(Harmless(text)) : Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        line.Append("\r\n");
        Encoding.UTF8.GetBytes(line.ToString(), writer);
    }

    // A spreadsheet computes what begins so, also in the full-width forms of East Asian keyboards: names are what strangers typed.
    private static string Harmless(string text) =>
        text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠'
            ? "'" + text : text;

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

using System.Text;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Fuzz;

/// <summary>Good forms, and what spoils them.</summary>
internal static class FuzzBytes
{
    private static readonly string[] Pieces =
    [
        "\r", "\n", "\r\n", "\r\n\r\n", "\0", "-", "--", "\r\n--", "--" + Form.Boundary, "\r\n--" + Form.Boundary, "\r\n--" + Form.Boundary + "--\r\n",
        "\r\n--" + Form.Boundary + "\r\n", Form.Boundary[..^1], ":", ";", "\"", "\\", "=", "%", "'", "filename", "filename*=UTF-8''", "%00", "../", " ", "\t",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.txt\"\r\n", "Content-Disposition: form-data; name=\"imageClassId\"\r\n\r\n7",
        "\u00E5\u009B\u00BE", "\u00CD\u00BC", "\u00FF\u00FE", "\u00EF\u00BB\u00BF", "=?utf-7?B?YQ==?=", "; name=\"img\"", "; boundary=b", ",",
    ];

    private static readonly byte[][] Forms =
    [
        new Form().File("img", "a.txt", "A short text, which is a file that may be stored."u8).ToBytes(),
        new Form().Field("imageClassId", "7").File("img", "plain.jpg", Samples.Read("plain.jpg"), "image/jpeg").ToBytes(),
        new Form().File("img", "图.png", Samples.Read("plain.png"), "image/png").Field("image_class_id", "7").Field("_csrf", "x").ToBytes(),
        new Form().Field("note", "\r\n--\r\n").File("img", "", []).File("file", "b.txt", Encoding.ASCII.GetBytes("--\r\n" + Form.Boundary[..^1] + "\r\n--")).ToBytes(),
        new Form().File("img", "long.jpg", Samples.PhotoOf(100_000), "image/jpeg").ToBytes(),
        Encoding.Latin1.GetBytes(
            $"preamble\r\n--{Form.Boundary} \r\ncontent-disposition: form-data; filename*=UTF-8''%e5%9b%be.txt; name=img\r\nX: y\r\n\r\ntext\r\n--{Form.Boundary}--\r\nepilogue"),
    ];

    public static byte[] Any(Random random) => Forms[random.Next(Forms.Length)];

    /// <summary>The bytes with one to five changes.</summary>
    public static byte[] Spoilt(byte[] good, Random random)
    {
        var bytes = good.ToList();
        for (var changes = random.Next(1, 6); changes > 0 && bytes.Count > 1; changes--)
        {
            // Most of a long file is of no interest: every other change falls where the heads and delimiters are.
            var at = random.Next(2) == 0 ? random.Next(bytes.Count) : random.Next(Math.Min(bytes.Count, 300));
            if (random.Next(4) == 0)
                at = Math.Max(0, bytes.Count - 1 - random.Next(80));
            var length = Math.Min(random.Next(1, random.Next(4) == 0 ? 5000 : 60), bytes.Count - at);
            Change(bytes, at, length, random);
        }

        return [.. bytes];
    }

    private static void Change(List<byte> bytes, int at, int length, Random random)
    {
        switch (random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 4:
                var moved = bytes.GetRange(at, length);
                bytes.RemoveRange(at, length);
                bytes.InsertRange(random.Next(bytes.Count + 1), moved);
                break;
            case 5 or 6:
                bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pieces[random.Next(Pieces.Length)]));
                break;
            case 7:
                bytes.InsertRange(at, Enumerable.Repeat("-\r\n x\0\u00FF"u8[random.Next(7)], random.Next(1, random.Next(10) == 0 ? 200_000 : 300)));
                break;
            case 8:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                var text = Encoding.Latin1.GetString([.. bytes]);
                var (from, to) = random.Next(4) switch
                {
                    0 => ("\r\n", "\n"),
                    1 => ("\r\n", "\r"),
                    2 => (Form.Boundary, Form.Boundary[..random.Next(1, Form.Boundary.Length)]),
                    _ => ("--" + Form.Boundary, "--" + Form.Boundary + Pieces[random.Next(Pieces.Length)]),
                };
                bytes.Clear();
                bytes.AddRange(Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal)));
                break;
        }
    }
}

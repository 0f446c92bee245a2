using System.Globalization;
using System.Text;

namespace OssProxy.Tests.Fuzz;

/// <summary>Bodies in chunks (RFC 9112, 7.1), well and badly framed.</summary>
internal static class FuzzChunks
{
    private const string Header = "Transfer-Encoding: chunked\r\n\r\n";

    public static byte[] Good(string head, byte[] body, Random random) => Framed(head, body, random, new Random(0), never: true);

    public static byte[] Spoilt(string head, byte[] body, Random random) => Framed(head, body, random, random, never: false);

    private static byte[] Framed(string head, byte[] body, Random random, Random spoiler, bool never)
    {
        var wire = new MemoryStream();
        wire.Write(Encoding.Latin1.GetBytes(head + Header));
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(random.Next(1, 4 + (body.Length / 3)), body.Length - at);
            var (line, end) = never || spoiler.Next(4) > 0 ? (Hex(size), "\r\n") : Bad(size, spoiler);
            wire.Write(Encoding.Latin1.GetBytes(line + (line.EndsWith('\n') ? "" : "\r\n")));
            wire.Write(body, at, size);
            wire.Write(Encoding.Latin1.GetBytes(end));
            at += size;
        }

        var closings = new[] { "0\r\n\r\n", "", "0\r\n", "0\n\n", "0\r\nX: y\r\n\r\n", "00000000000000000000\r\n\r\n", "-0\r\n\r\n", "0;x=y\r\n\r\n", "0\r\nX" };
        wire.Write(Encoding.Latin1.GetBytes(never ? closings[0] : closings[spoiler.Next(closings.Length)]));
        return wire.ToArray();
    }

    // The size line, with its own end where that is what is wrong, and the end of the chunk.
    private static (string Line, string End) Bad(int size, Random spoiler) => spoiler.Next(12) switch
    {
        0 => (Hex(size + spoiler.Next(1, 100)), "\r\n"),
        1 => (Hex(spoiler.Next(size + 1)), "\r\n"),
        2 => (Hex(size) + "\n", "\r\n"),
        3 => (Hex(size), "\n"),
        4 => (Hex(size), ""),
        5 => (Hex(size) + ";extension=\"a\r\nb\"", "\r\n"),
        6 => (Hex(size) + ";" + new string('x', 5000), "\r\n"),
        7 => ("-" + Hex(size), "\r\n"),
        8 => ("FFFFFFFFFFFFFFFF", "\r\n"),
        9 => ("", "\r\n"),
        10 => (" " + Hex(size) + " ", "\r\n"),
        _ => (Hex(size) + ";a\n", "\r\n"),
    };

    private static string Hex(int size) => size.ToString("x", CultureInfo.InvariantCulture);
}

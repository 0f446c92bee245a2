using System.Globalization;
using System.Text;
using QRCoder;
using QRCoder.Exceptions;

namespace OssProxy.Core.QrCodes;

/// <summary>
/// A QR code, laid out: which modules are dark, and how large the picture is. Text that is no plain number or upper-case word is kept as UTF-8
/// without a mark of its encoding, which is what scanners of telephones expect. Modules are always whole pixels; what a wanted size leaves
/// over is added to the quiet zone.
/// </summary>
public sealed class QrCode
{
    // The library's own quiet zone, which is not asked for and not used.
    private const int LibraryMargin = 4;

    private readonly bool[,] _dark;
    private readonly int _offset;
    private readonly int _module;

    private QrCode(bool[,] dark, int module, int side, int offset) => (_dark, _module, Side, _offset) = (dark, module, side, offset);

    /// <summary>Pixels of a side of the picture.</summary>
    public int Side { get; }

    /// <summary>Modules of a side of the code, 21 to 177.</summary>
    public int Modules => _dark.GetLength(0);

    /// <summary>Lays one out.</summary>
    /// <exception cref="QrException"><see cref="QrError.QrTextUnfit"/>, <see cref="QrError.QrSizeUnfit"/>.</exception>
    public static QrCode Of(QrRequest request)
    {
        if (Encoding.UTF8.GetByteCount(request.Text) is 0 or > QrRequest.MaxTextBytes)
            throw new QrException(QrError.QrTextUnfit, $"The text has not 1 to {QrRequest.MaxTextBytes} bytes.");

        var dark = Matrix(request);
        var wanted = dark.GetLength(0) + (2 * request.Margin);
        var module = request.Size is { } size ? size / wanted : request.Module;
        var side = request.Size ?? wanted * module;
        if (module < 1 || side > QrRequest.MaxSize)
            throw new QrException(QrError.QrSizeUnfit, $"{wanted} modules do not fit a picture of {side} pixels.");
        return new QrCode(dark, module, side, (side - (dark.GetLength(0) * module)) / 2);
    }

    /// <summary>As a PNG of one bit per pixel.</summary>
    public byte[] ToPng() => BitPng.Write(Side, IsDark);

    /// <summary>As an SVG: one path, in pixels.</summary>
    public string ToSvg()
    {
        var path = new StringBuilder();
        for (var y = 0; y < Modules; y++)
        {
            for (var x = 0; x < Modules; x++)
            {
                var begin = x;
                while (x < Modules && _dark[y, x])
                    x++;
                if (x > begin)
                {
                    path.Append(
                        CultureInfo.InvariantCulture,
                        $"M{_offset + (begin * _module)} {_offset + (y * _module)}h{(x - begin) * _module}v{_module}h-{(x - begin) * _module}z");
                }
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Side}" height="{Side}" viewBox="0 0 {Side} {Side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{Side}v{Side}H0z"/><path d="{path}"/></svg>""");
    }

    private bool IsDark(int x, int y)
    {
        var (column, row) = ((x - _offset) / _module, (y - _offset) / _module);
        return x >= _offset && y >= _offset && column < Modules && row < Modules && _dark[row, column];
    }

    private static bool[,] Matrix(QrRequest request)
    {
        try
        {
            using var data = QRCodeGenerator.GenerateQrCode(request.Text, LevelOf(request.Level), forceUtf8: true);
            var side = data.ModuleMatrix.Count - (2 * LibraryMargin);
            var dark = new bool[side, side];
            for (var y = 0; y < side; y++)
            {
                for (var x = 0; x < side; x++)
                    dark[y, x] = data.ModuleMatrix[y + LibraryMargin][x + LibraryMargin];
            }

            return dark;
        }
        catch (DataTooLongException failure)
        {
            throw new QrException(QrError.QrTextUnfit, "The text is longer than a code of that level holds.", failure);
        }
    }

    private static QRCodeGenerator.ECCLevel LevelOf(QrLevel level) => level switch
    {
        QrLevel.Low => QRCodeGenerator.ECCLevel.L,
        QrLevel.Medium => QRCodeGenerator.ECCLevel.M,
        QrLevel.Quartile => QRCodeGenerator.ECCLevel.Q,
        _ => QRCodeGenerator.ECCLevel.H,
    };
}

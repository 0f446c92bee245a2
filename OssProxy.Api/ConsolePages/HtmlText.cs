using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace OssProxy.Api.ConsolePages;

/// <summary>A piece of HTML, written as an interpolated string. What stands in the program's own text is HTML; every value that is put into it
/// is encoded, by the compiler's doing, unless it is such a piece itself. Good for text and for attributes between quotation marks.</summary>
[InterpolatedStringHandler]
internal sealed class HtmlText
{
    private const int UsualValue = 32;
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _text;

    public HtmlText(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * UsualValue));

    public void AppendLiteral(string html) => _text.Append(html);

    public void AppendFormatted(string? text) => _text.Append(Encoder.Encode(text ?? ""));

    public void AppendFormatted(long number) => _text.Append(number.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(HtmlText html) => _text.Append(html._text);

    public void AppendFormatted(IEnumerable<HtmlText> pieces)
    {
        foreach (var piece in pieces)
            _text.Append(piece._text);
    }

    public override string ToString() => _text.ToString();
}

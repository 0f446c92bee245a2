using System.Text;
using System.Text.Unicode;

namespace OssProxy.Api.Forms;

/// <summary>
/// The text that a client meant by bytes: UTF-8, as RFC 7578 (5.1) wants it, else GB 18030, in which GBK is contained and old desktop
/// clients write. What is neither is UTF-8 with replacement characters, which are left out of names later.
/// </summary>
internal static class FormText
{
    private const int Gb18030Page = 54936;

    private static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding(
        Gb18030Page, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>Reads bytes that belong together: what is in one encoding must not be cut before it is decoded.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : OfGb18030(bytes) ?? Encoding.UTF8.GetString(bytes);

    private static string? OfGb18030(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = Gb18030.GetString(bytes);

            // Four bytes of GB 18030 can say a control character that nobody means: then it is some other encoding.
            return text.Any(static c => char.IsControl(c) && !char.IsAscii(c)) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

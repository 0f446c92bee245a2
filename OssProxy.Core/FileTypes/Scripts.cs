using System.Collections.Immutable;
using System.Text;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// Text that an interpreter would run, by how it begins. Many scripts begin like prose and are not found here; what makes them harmless is
/// that text is stored under text/plain, as an attachment, and only under a name that promises text.
/// </summary>
internal static class Scripts
{
    private static readonly ImmutableArray<(byte[] Opening, string Name)> Openings =
    [
        .. new[]
        {
            ("@echo off", "batch file"), ("[InternetShortcut]", "url shortcut"), ("[Desktop Entry]", "desktop shortcut"),
            ("[autorun]", "autorun file"), ("REGEDIT4", "registry file"), ("Windows Registry Editor", "registry file"),
            ("On Error Resume Next", "vbscript"), ("CreateObject(", "vbscript"), ("WScript.", "vbscript"),
            ("push graphic-context", "imagemagick script"),
            ("\"use strict\"", "javascript"), ("'use strict'", "javascript"), ("(function", "javascript"), ("!function", "javascript"),
            (";(function", "javascript"), ("(()", "javascript"), ("(async", "javascript"), ("document.", "javascript"),
            ("window.", "javascript"), ("alert(", "javascript"), ("eval(", "javascript"), ("import(", "javascript"),
            ("importScripts(", "javascript"), ("module.exports", "javascript"), ("export default", "javascript"),
            ("self.addEventListener(", "javascript"),
        }.Select(row => (Encoding.ASCII.GetBytes(row.Item1), row.Item2)),
    ];

    /// <summary>What kind of script the text is, or null when it begins like none.</summary>
    /// <param name="text">One byte per character, as <see cref="TextEncodings.ToAsciiView"/> gives it.</param>
    public static string? NameOf(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("#!"u8))
            return "shell script";

        text = SkipComments(text);
        foreach (var (opening, name) in Openings)
        {
            if (text.Length >= opening.Length && Ascii.EqualsIgnoreCase(text[..opening.Length], opening))
                return name;
        }

        return IsDeclaration(text) ? "javascript" : null;
    }

    /// <summary>Steps over white space and the comments of JavaScript.</summary>
    private static ReadOnlySpan<byte> SkipComments(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            text = text.TrimStart(" \t\r\n\f"u8);
            var isLine = text.StartsWith("//"u8);
            if (!isLine && !text.StartsWith("/*"u8))
                return text;

            var end = isLine ? text.IndexOfAny((byte)'\r', (byte)'\n') : text.IndexOf("*/"u8);
            if (end < 0)
                return default;

            text = text[(end + (isLine ? 1 : 2))..];
        }
    }

    /// <summary>Whether the text begins with a keyword, a name and the sign that must follow. The sign is what prose ("let us begin") does
    /// not have.</summary>
    private static bool IsDeclaration(ReadOnlySpan<byte> text)
    {
        var isVariable = TrySkip(ref text, "var "u8) || TrySkip(ref text, "let "u8) || TrySkip(ref text, "const "u8);
        if (!isVariable && !TrySkip(ref text, "function"u8) && !TrySkip(ref text, "async function"u8))
            return false;

        text = text.TrimStart((byte)' ');
        while (!text.IsEmpty && (char.IsAsciiLetterOrDigit((char)text[0]) || text[0] is (byte)'_' or (byte)'$'))
            text = text[1..];
        text = text.TrimStart((byte)' ');
        return !text.IsEmpty && (isVariable ? text[0] is (byte)'=' or (byte)';' or (byte)'{' : text[0] == '(');
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        if (!text.StartsWith(word))
            return false;

        text = text[word.Length..];
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OssProxy.Core.Images;

/// <summary>The parameters of one action, <c>key_value</c> between commas; the order is free, a key stands once. A key without
/// <c>_</c> has no value, which is found out by whoever needs one.</summary>
internal sealed class ActionParameters
{
    /// <summary>For numbers whose end only the picture knows.</summary>
    public const int Unbounded = 999_999_999;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly string[] _all;

    /// <summary>Splits <c>name,parameter,parameter</c>; one comma too many at the end is overlooked.</summary>
    public ActionParameters(string action)
    {
        var parts = (action.EndsWith(',') ? action[..^1] : action).Split(',');
        Action = parts[0];
        _all = parts[1..];
    }

    /// <summary>The action's name.</summary>
    public string Action { get; }

    /// <summary>The one value of an action that has only that; null where there is none.</summary>
    /// <exception cref="ImageException">There are more (EC 203).</exception>
    public string? Single() => _all.Length <= 1
        ? _all.FirstOrDefault() is { Length: > 0 } value ? value : null
        : throw ProcessFault.Invalid($"The action: {Action} takes one value.", 203);

    /// <summary>The one number of an action that has only that.</summary>
    public int SingleNumber(int least, int most, int? ec = null, int? missing = null)
    {
        var value = Single() ?? throw ProcessFault.Missing(Action, "value", missing ?? ec);
        return IsNumber(value, out var number) && InRange(value, number, least, most)
            ? number
            : throw ProcessFault.Value(Action, value, ec);
    }

    /// <summary>Takes the parameters apart.</summary>
    /// <param name="known">The keys that the action has.</param>
    /// <param name="ec">The number of a parameter that is none of them.</param>
    public ActionParameters Named(ReadOnlySpan<string> known, int? ec = null)
    {
        foreach (var parameter in _all)
        {
            var underscore = parameter.IndexOf('_', StringComparison.Ordinal);
            var key = underscore < 0 ? parameter : parameter[..underscore];
            if (!known.Contains(key) || !_values.TryAdd(key, underscore < 0 ? "" : parameter[(underscore + 1)..]))
                throw ProcessFault.Invalid($"The action: {Action} has an unknown or repeated parameter.", ec);
        }

        return this;
    }

    public bool Has(string key) => _values.ContainsKey(key);

    public bool TryText(string key, [NotNullWhen(true)] out string? value) => _values.TryGetValue(key, out value);

    /// <summary>A number; null where the parameter is absent.</summary>
    /// <param name="ec">Where it is outside its range.</param>
    /// <param name="notNumber">Where it is no number at all; the same where it is not given.</param>
    public int? Number(string key, int least, int most, int? ec = null, int? notNumber = null)
    {
        if (!_values.TryGetValue(key, out var value))
            return null;
        if (!IsNumber(value, out var number))
            throw ProcessFault.Value(key, value, notNumber ?? ec);

        return InRange(value, number, least, most) ? number : throw ProcessFault.Value(key, value, ec);
    }

    /// <summary>0 or 1; null where the parameter is absent.</summary>
    public bool? Flag(string key, int? ec = null) => Number(key, 0, 1, ec) is { } number ? number == 1 : null;

    /// <summary>Six hexadecimal digits; null where the parameter is absent.</summary>
    public Rgb? Color(string key, int ec)
    {
        if (!_values.TryGetValue(key, out var value))
            return null;
        if (value.Length != 6 || !value.All(char.IsAsciiHexDigit))
            throw ProcessFault.Value(key, value, ec);

        var digits = Convert.FromHexString(value);
        return new Rgb(digits[0], digits[1], digits[2]);
    }

    /// <summary>One of a few words; null where the parameter is absent.</summary>
    public T? Word<T>(string key, Func<string, T?> read, int? ec = null)
        where T : struct =>
        _values.TryGetValue(key, out var value) ? read(value) ?? throw ProcessFault.Value(key, value, ec) : null;

    private static bool InRange(string value, int number, int least, int most) =>
        number >= least && number <= most && (least < 0 || value[0] != '-');

    /// <summary>Reads decimal digits, with a minus or without; what is too long for an <see cref="int"/> is as large as one can be.
    /// </summary>
    private static bool IsNumber(string value, out int number)
    {
        number = 0;
        var digits = value.AsSpan(value.StartsWith('-') ? 1 : 0);
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            return false;

        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            number = value[0] == '-' ? int.MinValue : int.MaxValue;
        return true;
    }
}

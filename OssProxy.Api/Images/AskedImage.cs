using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Images;
using OssProxy.Core.Storage;

namespace OssProxy.Api.Images;

/// <summary>What the address of a request says: the path of an image and the parameters, each without escapes. It is read from the request
/// line itself, because the framework's path keeps the escapes of some characters and not of others, and a signature tells them
/// apart.</summary>
internal sealed record AskedImage(string Path, IReadOnlyList<KeyValuePair<string, string>> Query)
{
    public const string ProcessName = "x-oss-process";

    /// <summary>The process; null where there is none, empty where there is a parameter without a value.</summary>
    /// <exception cref="ImageException">There are several: which of them is meant, a signature may see in another way than we.</exception>
    public string? Process
    {
        get
        {
            string? found = null;
            foreach (var (name, value) in Query)
            {
                if (name != ProcessName)
                    continue;
                found = found is null ? value : throw new ImageException(
                    ImageError.ProcessInvalid, "InvalidArgument", $"The parameter: {ProcessName} is given more than once.");
            }

            return found;
        }
    }

    /// <summary>Reads the address.</summary>
    /// <param name="root">What the path begins with.</param>
    /// <exception cref="ImageException"><see cref="ImageError.SourceNotFound"/>: no key can be read from it.</exception>
    public static AskedImage Of(HttpContext context, string root)
    {
        var request = context.Request;
        var begin = request.PathBase.Value + root;
        if (!FileAddress.TryParse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, out var address)
            || !address.Path.StartsWith(begin, StringComparison.Ordinal))
            throw ImageFaults.NoSource();

        List<KeyValuePair<string, string>>? query = null;
        if (request.QueryString.HasValue)
        {
            query = [];
            foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
                query.Add(KeyValuePair.Create(pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        }

        return new AskedImage(address.Path[begin.Length..], query ?? []);
    }
}

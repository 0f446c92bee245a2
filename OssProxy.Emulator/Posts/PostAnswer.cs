using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Posts;

/// <summary>What a form wants to be told of its success: a redirect, a document, or a bare status.</summary>
internal sealed class PostAnswer
{
    private readonly string? _redirect;
    private readonly string? _status;

    private PostAnswer(string? redirect, string? status) => (_redirect, _status) = (redirect, status);

    /// <summary>Read before the file is: a redirect that cannot be sent should not cost an upload.</summary>
    public static PostAnswer Of(PostForm form)
    {
        var redirect = form["success_action_redirect"];
        if (string.IsNullOrEmpty(redirect))
            return new(null, form["success_action_status"]);

        return !redirect.Any(char.IsControl) && Uri.TryCreate(redirect, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
                ? new(redirect, null)
                : throw OssErrors.InvalidArgument("The success_action_redirect is not a URL.", "success_action_redirect", redirect);
    }

    public OssReply Reply(string location, string bucket, string key, string quotedETag)
    {
        if (_redirect is not null)
        {
            // 303, and nothing added to the URL (E18).
            return new(303) { Headers = { Location = _redirect } };
        }

        return _status switch
        {
            "200" => new(200),
            "201" => OssReply.Xml(
                new XmlText().Open("PostResponse").Element("Bucket", bucket).Element("Location", location).Element("Key", key).Element("ETag", quotedETag),
                status: 201),
            _ => new(204),
        };
    }
}

using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Net.Http.Headers;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Uploads;

/// <summary>
/// Marks an action that reads its own body. Keeps model binding away from the form (any bound parameter, even a cancellation token, would
/// make it read and buffer the whole request), lifts Kestrel's limit in favour of ours, and refuses a body that cannot be
/// read. Whether it is too long, and whether there is a place for one more upload, is asked by <see cref="UploadDesk"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class UploadDoorAttribute : Attribute, IAuthorizationFilter, IResourceFilter, IOrderedFilter
{
    // Before the door that asks who is there.
    public int Order => -1;

    // Before anybody refuses: Kestrel takes in the rest of a body, for some seconds, only within its limit. Beyond it the connection is cut,
    // and a client that listens after it has sent all never hears why.
    public void OnAuthorization(AuthorizationFilterContext context) =>
        context.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;

    public void OnResourceExecuting(ResourceExecutingContext context)
    {
        context.ValueProviderFactories.RemoveType<FormValueProviderFactory>();
        context.ValueProviderFactories.RemoveType<FormFileValueProviderFactory>();
        context.ValueProviderFactories.RemoveType<JQueryFormValueProviderFactory>();

        var http = context.HttpContext;
        if (http.Request.Headers.TryGetValue(HeaderNames.ContentEncoding, out var encoding) && !"identity".Equals(encoding, StringComparison.OrdinalIgnoreCase))
            throw new UploadException(UploadError.EncodingNotSupported, "The request body is compressed.");
    }

    public void OnResourceExecuted(ResourceExecutedContext context)
    {
        // Everything there is to undo is undone by the pipeline.
    }
}

using Microsoft.AspNetCore.Mvc.Filters;

namespace OssProxy.Api.Images;

/// <summary>Where the framework's own rules for ranges and conditions refuse, they leave an empty answer that looks like the image and may
/// be cached like it; whoever answers failures is to answer it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RefusesInWordsAttribute : ResultFilterAttribute
{
    public override void OnResultExecuted(ResultExecutedContext context)
    {
        var response = context.HttpContext.Response;
        if (response.StatusCode < StatusCodes.Status400BadRequest || response.HasStarted)
            return;
        response.ContentLength = null;
        response.ContentType = null;
        response.Headers.Remove("ETag");
        response.Headers.Remove("Last-Modified");
    }
}

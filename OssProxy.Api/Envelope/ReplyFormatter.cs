using System.Net.Mime;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace OssProxy.Api.Envelope;

/// <summary>Lets the framework write what actions return as <see cref="Reply.WriteAsync"/> does.</summary>
internal sealed class ReplyFormatter : OutputFormatter
{
    public ReplyFormatter() => SupportedMediaTypes.Add(MediaTypeNames.Application.Json);

    public override Task WriteResponseBodyAsync(OutputFormatterWriteContext context) =>
        ((Reply)context.Object!).WriteAsync(context.HttpContext.Response);

    protected override bool CanWriteType(Type? type) => type == typeof(Reply);
}

using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using OssProxy.Api.ConsolePages;
using OssProxy.Api.Grants;
using OssProxy.Core.Images;
using OssProxy.Core.Records;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Envelope;

/// <summary>Answers what a controller did not: the one who answers also logs, once, at the level that the blame deserves.</summary>
public sealed partial class FailureHandler(ILogger<FailureHandler> log) : IExceptionHandler
{
    // Every 503 passes by itself or by an operator's doing; a busy server is not helped by clients that ask every second.
    private const string RetryAfterSeconds = "5";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var failure = ErrorTable.For(exception);
        Log(failure, exception);
        await AnswerAsync(httpContext, failure);
        return true;
    }

    /// <summary>Gives the envelope to what the framework answered with a bare status.</summary>
    public static Task AnswerStatusAsync(StatusCodeContext context) =>
        AnswerAsync(context.HttpContext, ErrorTable.For(context.HttpContext.Response.StatusCode));

    private static async Task AnswerAsync(HttpContext context, Failure failure)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return;

        // The framework takes the endpoint away before it hands over an exception.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        var texts = endpoint?.Metadata.GetOrderedMetadata<IFailureText>() ?? [];
        var text = texts.Aggregate(failure.Text, (text, metadata) => metadata.Phrase(failure, text));
        context.Response.StatusCode = failure.Status;
        if (WaitOf(context, failure) is { } wait)
            context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        else if (failure.Status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        UnreadBody.Prepare(context, failure);
        if (endpoint?.Metadata.GetMetadata<ConsolePageAttribute>() is not null)
            await ConsolePageAttribute.WriteAsync(context, failure, text);
        else if (endpoint?.Metadata.GetMetadata<OssXmlAttribute>() is not null)
            await OssXmlAttribute.WriteAsync(context, failure);
        else
            await Reply.Failed(failure, text, context.TraceIdentifier).WriteAsync(context.Response);
    }

    private static TimeSpan? WaitOf(HttpContext context, Failure failure) =>
        failure.RetryAt is { } moment
            ? moment - context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()
            : failure.RetryAfter;

    private void Log(Failure failure, Exception exception)
    {
        // What we refuse by our own limits is no fault of the server, and an attacker can multiply it; who refuses tells the operator.
        if (failure.Blame == Blame.Client || exception is UploadException || IsRefusal(exception))
            LogClient(failure.Code, exception.Message);
        else if (failure.Blame == Blame.Store)
            LogStore(exception, failure.Code);
        else if (failure.Blame == Blame.Provider)
            LogProvider(failure.Code, exception.Message);
        else
            LogServer(exception, failure.Code);
    }

    // The pool counts what it has no room for, paces its lines on what was too slow, and tells once what is missing.
    private static bool IsRefusal(Exception exception) =>
        exception is ImageException { Error: ImageError.RenderingBusy or ImageError.RenderingTimedOut or ImageError.EngineMissing };

    [LoggerMessage(Level = LogLevel.Debug, Message = "Refused, {Code}: {Reason}")]
    private partial void LogClient(string code, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store failed, {Code}")]
    private partial void LogStore(Exception exception, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The provider of a mini-program failed, {Code}: {Reason}")]
    private partial void LogProvider(string code, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The server failed, {Code}")]
    private partial void LogServer(Exception exception, string code);
}

/// <summary>Endpoint metadata that knows which words the clients of a route wait for.</summary>
public interface IFailureText
{
    /// <summary>The text for this failure, given the one so far.</summary>
    string Phrase(Failure failure, string text);
}

/// <summary>The OSS routes have always begun their errors so, and clients show the text as it comes.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class UploadFailureTextAttribute : Attribute, IFailureText
{
    // Whose clients wait for exact words elsewhere wait for them here as well.
    public string Phrase(Failure failure, string text) =>
        failure.Status is 401 or 403 || failure.Code is nameof(UploadError.ClassUnknown) or nameof(RecordsError.ClassNotFound) ? text : "上传失败: " + text;
}

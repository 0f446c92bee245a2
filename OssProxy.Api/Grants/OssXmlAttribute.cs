using System.Collections.Frozen;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Diagnostics;
using OssProxy.Api.Envelope;
using OssProxy.Core.Grants;
using OssProxy.Core.Images;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Grants;

/// <summary>Marks what answers as OSS does: a failure is its document, with its code. (OSS API reference: PostObject, "Error codes".)</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OssXmlAttribute : Attribute
{
    private static readonly FrozenDictionary<string, Known> Rows = new (Enum Error, Known Known)[]
    {
        (UploadError.NotMultipart, new(400, "RequestIsNotMultiPartContent", "Bucket POST must be of the enclosure-type multipart/form-data.")),
        (UploadError.FormMalformed, new(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")),
        (UploadError.FormContradictory, new(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")),
        (UploadError.FormTooComplex, new(400, "FieldItemTooLong", "A field of your POST request is too long, or there are too many.")),
        (UploadError.FileMissing, new(400, "IncorrectNumberOfFilesInPOSTRequest", "POST requires exactly one file upload per request.")),
        (UploadError.FileEmpty, new(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")),
        (UploadError.FileTooLarge, new(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")),
        (UploadError.TypeNotAllowed, new(403, "AccessDenied", "The content of the file is of a type that is not accepted.")),
        (UploadError.ClientIdle, new(400, "RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout period.")),
        (UploadError.ClientTooSlow, new(400, "RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout period.")),
        (UploadError.TooManyUploads, new(503, "ServiceUnavailable", "Please reduce your request rate.")),
        (UploadError.ServerStopping, new(503, "ServiceUnavailable", "Please reduce your request rate.")),
        (GrantError.FormFieldMissing, new(400, "InvalidArgument", "The bucket POST must contain the specified field name.")),
        (GrantError.FormFieldRepeated, new(400, "InvalidArgument", "A field of your POST request comes more than once.")),
        (GrantError.FormFileMisplaced, new(400, "IncorrectNumberOfFilesInPOSTRequest", "POST requires exactly one file upload per request, behind all fields.")),
        (GrantError.PolicyMalformed, new(400, "InvalidPolicyDocument", "The content of the form does not meet the conditions specified in the policy document.")),
        (GrantError.PolicyExpired, new(403, "AccessDenied", "Invalid according to Policy: Policy expired.")),
        (GrantError.PolicyViolated, new(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed.")),
        (GrantError.PolicyKeyUnknown, new(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.")),
        (GrantError.PolicySignatureWrong, new(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.")),
        (GrantError.KeyNotGranted, new(403, "AccessDenied", "Invalid according to Policy: the key is none that was granted.")),
        (GrantError.FileTooSmall, new(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")),
        (RecordsError.KeyTaken, new(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten.")),
        (StoreError.ObjectExists, new(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten.")),
    }.ToFrozenDictionary(row => row.Error.ToString(), row => row.Known);

    /// <summary>What OSS calls a failure.</summary>
    internal static (int Status, string Code, string Message) Tell(Failure failure)
    {
        if (Rows.TryGetValue(failure.Code, out var known))
            return (known.Status, known.Code, known.Message);
        return failure.Status switch
        {
            404 => (404, "NoSuchKey", "The specified key does not exist."),
            412 => (412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold."),
            416 => (416, "InvalidRange", "The requested range cannot be satisfied."),
            429 => (429, "QpsLimitExceeded", "Please reduce your request rate."),
            501 => (501, "NotImplemented", "A header or query you provided requests a function that is not implemented."),
            503 => (503, "ServiceUnavailable", "Please reduce your request rate."),

            // OSS has no words for a store behind it; CDNs and monitors tell by the status whose the failure is.
            502 or 504 => (failure.Status, "InternalError", "We encountered an internal error. Please try again."),
            >= 500 => (500, "InternalError", "We encountered an internal error. Please try again."),
            401 or 403 => (403, "AccessDenied", "You are forbidden to do it."),
            _ => (failure.Status, "InvalidArgument", "The request cannot be carried out."),
        };
    }

    /// <summary>Answers a failure.</summary>
    internal static Task WriteAsync(HttpContext context, Failure failure)
    {
        var (status, code, message) = Tell(failure);
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (error is GrantException { Condition: { } condition })
            message = $"Invalid according to Policy: Policy Condition failed: {condition}";
        if (error is ImageException image)
        {
            // Its words are OSS's, or say what to install; those of our own failures are for the log.
            (status, code) = (failure.Status, image.Code);
            message = image.Error is ImageError.RenderingFailed or ImageError.RenderingTimedOut ? message : image.Message;
        }

        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return WriteAsync(context, new XElement(
            "Error",
            new XElement("Code", code),
            new XElement("Message", message),
            new XElement("RequestId", context.TraceIdentifier),
            new XElement("HostId", context.Request.Host.Value),
            (error as ImageException)?.Ec is { } ec ? new XElement("EC", ec) : null));
    }

    /// <summary>Writes a document whole, with its length.</summary>
    internal static async Task WriteAsync(HttpContext context, XElement document)
    {
        // What a client has sent may hold what XML cannot; a refusal must not fail for it.
        var text = string.Concat(document.ToString(SaveOptions.DisableFormatting).Where(System.Xml.XmlConvert.IsXmlChar));
        var bytes = Encoding.UTF8.GetBytes("""<?xml version="1.0" encoding="UTF-8"?>""" + "\n" + text);
        context.Response.ContentType = "application/xml";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, CancellationToken.None);
    }

    private sealed record Known(int Status, string Code, string Message);
}

using OssProxy.Api.Uploads;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>A door of the consoles: for admins, and for machines whose keys say so.</summary>
public abstract class AdminDoorAttribute : DoorAttribute
{
    protected override async ValueTask<Caller> StrangerAsync(HttpContext context) =>
        await CanAnybodyAsync(context)
            ? throw new IdentityException(IdentityError.TokenMissing, "The request carries no token.")
            : throw new IdentityException(IdentityError.AdminKeyNotConfigured, "There is no admin yet.");

    protected override void Admit(HttpContext context, Caller caller)
    {
        if (caller.Kind == CallerKind.Admin)
            return;
        if (caller.Scope is not { } scope)
            throw new IdentityException(IdentityError.AdminRequired, $"The caller is a {caller.Kind}.");

        var sends = context.GetEndpoint()?.Metadata.GetMetadata<UploadDoorAttribute>() is not null;
        var reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!(sends ? scope.MayUpload : scope.MayAdminister(onlyReading: reads)))
            throw new IdentityException(IdentityError.ScopeMissing, $"Key {scope.KeyId} was not made for this route.");
    }

    // Whoever has just set up a deployment and asks is told what is missing. Asked of the database until there is somebody.
    private static ValueTask<bool> CanAnybodyAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<AdminPresence>().IsThereAnyAsync(context.RequestAborted);
}

using Microsoft.AspNetCore.Http.Features;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>Who has come in through a door, and from where.</summary>
/// <param name="Address">See <see cref="CallerAddress"/>.</param>
/// <param name="Token">What the caller is known by; empty for who has shown nothing.</param>
internal sealed record Entry(Caller Caller, string Address, Secret Token)
{
    /// <summary>Who has come in with a request. To be asked behind a door only.</summary>
    public static Entry Of(HttpContext context) => context.Features.GetRequiredFeature<Entry>();

    /// <summary>What the caller has done, for the book.</summary>
    public AuditEvent Deed(string action, string subject, string detail = "") =>
        new(Caller.IsKnown ? Caller.Owner : "guest", action, subject, Address, detail);
}

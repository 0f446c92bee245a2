namespace OssProxy.Api.Access;

/// <summary>Who may come in. Section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>What admin consoles send in the header <c>token</c>, at least 12 characters; empty closes the admin routes.</summary>
    public string AdminKey { get; set => field = value ?? ""; } = "";
}

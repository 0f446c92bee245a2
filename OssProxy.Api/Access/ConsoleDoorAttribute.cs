namespace OssProxy.Api.Access;

/// <summary>A door under <c>/admin</c>. Its consoles sign the user out when they read exactly this text.</summary>
public sealed class ConsoleDoorAttribute : AdminDoorAttribute
{
    private const string SignInFirst = "非法token，请先登录！";

    public ConsoleDoorAttribute() => (MissingText, InvalidText, ExpiredText, DisabledText) = (SignInFirst, SignInFirst, SignInFirst, SignInFirst);
}

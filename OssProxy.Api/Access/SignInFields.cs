using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>The fields with which the accounts of the consoles sign in: <c>username</c>, <c>password</c> and, if it likes, <c>device</c>.</summary>
internal static class SignInFields
{
    public static Credentials Of(Fields fields) => new(
        Fields.Required("username", fields.Line("username", 1, PlainName.Longest)),
        fields.Secret("password") is { IsEmpty: false } password ? password : throw Fields.Invalid("password 不能为空"),
        fields.Line("device", 0, Sessions.LongestDevice) ?? "");
}

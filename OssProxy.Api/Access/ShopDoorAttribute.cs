namespace OssProxy.Api.Access;

/// <summary>A door under <c>/shop/admin</c>, in the words of its console.</summary>
public sealed class ShopDoorAttribute : AdminDoorAttribute
{
    public ShopDoorAttribute() => (MissingText, DisabledText) = ("您没有权限访问商城接口", "用户不存在或已被禁用！");
}

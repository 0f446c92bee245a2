using System.Collections.Frozen;
using System.Globalization;
using OssProxy.Core.Goods;
using OssProxy.Core.Grants;
using OssProxy.Core.Identity;
using OssProxy.Core.Images;
using OssProxy.Core.Oss;
using OssProxy.Core.QrCodes;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Sts;
using OssProxy.Core.Transfers;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Envelope;

/// <summary>The one place where the rooms' errors become HTTP. A test proves that no error of any room is missing.</summary>
public static class ErrorTable
{
    private static readonly FrozenDictionary<Enum, Failure> Rows = new (Enum Error, int Status, Blame Blame, string Text)[]
    {
        (UploadError.NotMultipart, 400, Blame.Client, "请求必须是 multipart/form-data 表单"),
        (UploadError.EncodingNotSupported, 415, Blame.Client, "不支持压缩过的请求体，请去掉 Content-Encoding"),
        (UploadError.FormMalformed, 400, Blame.Client, "表单格式不正确或没有传完，请重新上传"),
        (UploadError.FormTooComplex, 400, Blame.Client, "表单里的文件、字段或请求头太多或太长"),
        (UploadError.FormContradictory, 400, Blame.Client, "表单字段有冲突：同名字段或两个分类字段的值不同，或文件与文本放错了字段"),
        (UploadError.FileMissing, 400, Blame.Client, "没有找到要上传的文件"),
        (UploadError.FileEmpty, 400, Blame.Client, "文件是空的"),
        (UploadError.FileTooLarge, 413, Blame.Client, "文件太大"),
        (UploadError.TypeNotAllowed, 415, Blame.Client, "文件类型不支持"),
        (UploadError.FolderInvalid, 400, Blame.Client, "目录名只能由字母、数字、汉字、点和减号组成，用下划线分层"),
        (UploadError.TransferUnknown, 400, Blame.Client, "mode 只能是 auto、stream、temp 或 parts"),
        (UploadError.ClassUnknown, 400, Blame.Client, "图片分类不存在"),
        (UploadError.ClassClosed, 403, Blame.Client, "这个分类不接受客户端上传"),
        (UploadError.ClassNotGranted, 403, Blame.Client, "这个 API 密钥不能向这个分类上传"),
        (UploadError.ClassTooLate, 400, Blame.Client, "这个分类有自己的上传规则，请把分类字段放在文件之前，或写在地址的 imageClassId 参数里"),
        (UploadError.PolicyInvalid, 422, Blame.Client, "分类的上传规则有误"),
        (UploadError.PolicyUnreadable, 503, Blame.Server, "服务器读不懂这个分类的上传规则，请联系管理员"),
        (UploadError.TreatmentFailed, 500, Blame.Server, "服务器不能按这个分类的规则处理图片，请联系管理员"),
        (UploadError.ClientClosed, 499, Blame.Client, "客户端在上传完成前断开了连接"),
        (UploadError.ClientIdle, 408, Blame.Client, "长时间没有收到数据，请检查网络后重试"),
        (UploadError.ClientTooSlow, 408, Blame.Client, "上传太慢，请换个网络后重试"),
        (UploadError.TooManyUploads, 503, Blame.Server, "正在上传的人太多，请稍后重试"),
        (UploadError.ServerStopping, 503, Blame.Server, "服务器正在重启，请稍后重试"),

        (TransferError.SpoolFailed, 503, Blame.Server, "服务器暂存目录不可写或已满，请联系管理员"),
        (TransferError.SpoolFull, 503, Blame.Server, "服务器暂存空间不足，请稍后重试"),

        (StoreError.StoreUnreachable, 502, Blame.Store, "存储服务连接失败，请稍后重试"),
        (StoreError.StoreTimedOut, 504, Blame.Store, "存储服务响应超时，请稍后重试"),
        (StoreError.StoreBusy, 503, Blame.Store, "存储服务繁忙，请稍后重试"),
        (StoreError.StoreFailed, 502, Blame.Store, "存储服务出错，请稍后重试"),
        (StoreError.StoreAccessDenied, 502, Blame.Store, "存储服务拒绝访问，请联系管理员检查密钥、权限和服务器时间"),
        (StoreError.StoreMisconfigured, 502, Blame.Store, "存储服务配置有误，请联系管理员检查存储设置"),
        (StoreError.ObjectExists, 409, Blame.Store, "同名文件已存在，请重新上传"),
        (StoreError.ChecksumMismatch, 502, Blame.Store, "文件在传输中损坏，请重新上传"),
        (StoreError.StoreFull, 503, Blame.Store, "服务器磁盘已满或不可写，请联系管理员"),

        (StsError.StsNotConfigured, 501, Blame.Client, "没有启用临时凭证（Sts:RoleArn 未填写）"),
        (StsError.StsScopeInvalid, 400, Blame.Client, "这个目录或文件名不能发放临时凭证"),
        (StsError.StsDenied, 502, Blame.Store, "临时凭证服务拒绝访问，请联系管理员检查密钥、权限和服务器时间"),
        (StsError.StsMisconfigured, 502, Blame.Store, "临时凭证配置有误，请联系管理员检查角色设置"),
        (StsError.StsBusy, 503, Blame.Store, "临时凭证服务繁忙，请稍后重试"),
        (StsError.StsUnavailable, 502, Blame.Store, "临时凭证服务连接失败或出错，请稍后重试"),
        (StsError.StsTimedOut, 504, Blame.Store, "临时凭证服务响应超时，请稍后重试"),

        (RecordsError.RecordsUnavailable, 503, Blame.Server, "数据库暂时不可用，请稍后重试"),
        (RecordsError.ClaimLost, 503, Blame.Server, "上传记录已失效，请重新上传"),
        (RecordsError.ClassNotFound, 400, Blame.Client, "图片分类不存在"),
        (RecordsError.ClassNameTaken, 400, Blame.Client, "同一个级别下不能有相同的图片分类名称"),
        (RecordsError.ClassParentInvalid, 400, Blame.Client, "上级分类不存在、是它自己或它的下级，或层级太深"),
        (RecordsError.ImageNotFound, 400, Blame.Client, "该图片记录不存在"),
        (RecordsError.ImageNotRestorable, 409, Blame.Client, "图片没有被删除，或已经开始清除，不能恢复"),
        (RecordsError.DailyLimitReached, 429, Blame.Client, "今天的上传数量或容量已达上限，请明天再来"),
        (RecordsError.KeyTaken, 409, Blame.Client, "同名文件已存在或正在上传，请换一个文件名"),
        (RecordsError.TooManyGrants, 429, Blame.Client, "未完成的直传太多，请等前面的完成或过期"),

        (GrantError.GrantNotFound, 404, Blame.Client, "上传凭证不存在或已失效，请重新获取"),
        (GrantError.KeyNotGranted, 403, Blame.Client, "文件路径不在上传凭证允许的范围内"),
        (GrantError.ObjectMissing, 404, Blame.Client, "文件还没有上传完成"),
        (GrantError.ObjectAltered, 409, Blame.Client, "上传的文件与凭证不符，已清除，请重新上传"),
        (GrantError.PartsMissing, 409, Blame.Client, "分片还没有传完，请补传后再试"),
        (GrantError.DirectUploadOff, 501, Blame.Client, "该部署没有可直传的 OSS，请通过本服务上传"),
        (GrantError.ClassTreatsPictures, 409, Blame.Client, "这个分类的图片要先经服务器处理，请通过本服务上传"),
        (GrantError.CallbackRefused, 403, Blame.Client, "回调签名不正确"),
        (GrantError.CallbackKeyRefused, 403, Blame.Client, "回调公钥的地址不受信任"),
        (GrantError.CallbackKeyUnavailable, 503, Blame.Store, "回调公钥暂时无法获取"),
        (GrantError.FormFieldMissing, 400, Blame.Client, "表单缺少必需的字段"),
        (GrantError.FormFieldRepeated, 400, Blame.Client, "表单中同一个字段出现了两次"),
        (GrantError.FormFileMisplaced, 400, Blame.Client, "表单必须恰好有一个文件，并放在所有字段之后"),
        (GrantError.PolicyMalformed, 400, Blame.Client, "上传策略不是有效的文档"),
        (GrantError.PolicyExpired, 403, Blame.Client, "上传策略已过期，请重新获取"),
        (GrantError.PolicyViolated, 403, Blame.Client, "表单不符合上传策略"),
        (GrantError.PolicyKeyUnknown, 403, Blame.Client, "上传策略的签发者未知或已失效，请重新获取"),
        (GrantError.PolicySignatureWrong, 403, Blame.Client, "上传策略的签名不正确"),
        (GrantError.FileTooSmall, 400, Blame.Client, "文件小于上传策略允许的大小"),

        (GoodsError.GoodsNotFound, 404, Blame.Client, "该商品不存在"),
        (GoodsError.GoodsImageElsewhere, 422, Blame.Client, "图片的地址不属于本服务，请先上传"),
        (GoodsError.GoodsImageMissing, 422, Blame.Client, "图片不存在、没有传完或已被删除，请重新上传"),
        (GoodsError.GoodsImageRepeated, 422, Blame.Client, "图片与前面的重复"),

        (ImageError.ProcessInvalid, 400, Blame.Client, "图片处理参数有误，请对照文档检查"),
        (ImageError.ProcessRefused, 400, Blame.Client, "图片无法按这些参数处理，请检查参数与原图"),
        (ImageError.ImageTooLarge, 400, Blame.Client, "原图或处理后的图片太大，请先缩小"),
        (ImageError.WatermarkRefused, 400, Blame.Client, "水印无法制作，请检查水印图片的路径、格式和数量"),
        (ImageError.TooManyPipes, 400, Blame.Client, "图片处理的管道太多，请减少“|”"),
        (ImageError.ImageDamaged, 400, Blame.Client, "图片已损坏，请重新上传原图"),
        (ImageError.StyleNotFound, 404, Blame.Client, "该图片样式不存在，请检查样式名"),
        (ImageError.SourceNotFound, 404, Blame.Client, "原图不存在，请检查路径"),
        (ImageError.ProcessNotAllowed, 403, Blame.Client, "只能使用图片样式，或签名不正确、已过期，请使用样式或重新获取地址"),
        (ImageError.EngineMissing, 501, Blame.Server, "服务器没有安装图片处理库，请联系管理员"),
        (ImageError.RenderingBusy, 503, Blame.Server, "正在处理的图片太多，请稍后重试"),
        (ImageError.RenderingTimedOut, 504, Blame.Server, "图片处理超时，请缩小原图或减少处理步骤后重试"),
        (ImageError.RenderingFailed, 500, Blame.Server, "图片处理失败，请稍后重试或联系管理员"),

        (IdentityError.TokenMissing, 401, Blame.Client, "您没有权限访问该接口"),
        (IdentityError.TokenInvalid, 401, Blame.Client, "Token 令牌不合法！"),
        (IdentityError.TokenExpired, 401, Blame.Client, "Token已过期！请重新获取令牌"),
        (IdentityError.UserDisabled, 403, Blame.Client, "当前用户不存在或者已被禁用"),
        (IdentityError.GuestNotAllowed, 403, Blame.Client, "您没有权限访问，请先注册或登录"),
        (IdentityError.AdminRequired, 403, Blame.Client, "该接口需要管理员权限"),
        (IdentityError.ScopeMissing, 403, Blame.Client, "这个 API 密钥没有访问该接口的权限"),
        (IdentityError.AdminKeyNotConfigured, 403, Blame.Client, "管理接口未启用：请在服务器上用 accounts add 建立账号，或配置 Auth:AdminKey"),
        (IdentityError.OriginRefused, 403, Blame.Client, "请求来自其他网站，或页面已过期，请刷新后重试"),
        (IdentityError.SignInOff, 403, Blame.Client, "没有启用登录"),
        (IdentityError.SignInFailed, 401, Blame.Client, "用户名或密码错误"),
        (IdentityError.SignInLocked, 429, Blame.Client, "密码错误次数太多，请稍后再试"),
        (IdentityError.TooManyRequests, 429, Blame.Client, "请求太频繁，请稍后再试"),
        (IdentityError.TooManyOpenUploads, 429, Blame.Client, "您同时上传的文件太多，请等前面的传完"),
        (IdentityError.SessionNotFound, 404, Blame.Client, "该会话不存在"),
        (IdentityError.UserNotFound, 404, Blame.Client, "该用户不存在"),
        (IdentityError.AppUnknown, 400, Blame.Client, "没有配置这个小程序"),
        (IdentityError.CodeInvalid, 400, Blame.Client, "登录凭证无效或已过期，请重新登录"),
        (IdentityError.CodeUsed, 400, Blame.Client, "登录凭证已经用过，请重新登录"),
        (IdentityError.UserBlocked, 403, Blame.Client, "该用户被平台限制登录"),
        (IdentityError.ProviderThrottled, 429, Blame.Client, "登录太频繁，请稍后再试"),
        (IdentityError.ProviderBusy, 503, Blame.Provider, "登录平台繁忙，请稍后再试"),
        (IdentityError.ProviderFailed, 502, Blame.Provider, "登录平台连接失败或应答有误，请稍后再试"),
        (IdentityError.ProviderTimedOut, 504, Blame.Provider, "登录平台响应超时，请稍后再试"),
        (IdentityError.ProviderMisconfigured, 502, Blame.Provider, "小程序的 AppId、密钥或公钥配置有误，请联系管理员"),

        (QrError.QrTextUnfit, 400, Blame.Client, "二维码的内容是空的或太长：最多 1000 字节，纠错级别越高能容纳的越少"),
        (QrError.QrSizeUnfit, 400, Blame.Client, "二维码放不进这个尺寸：请调大 size，或调小 module、margin"),
        (QrError.QrLogoRefused, 400, Blame.Client, "logo 必须是您自己上传的、不超过 2 MB 的图片，并且只能用于 png"),

        (ApiError.RouteNotFound, 404, Blame.Client, "404 错误"),
        (ApiError.MethodNotAllowed, 405, Blame.Client, "该接口不支持这种请求方法"),
        (ApiError.FileNotFound, 404, Blame.Client, "文件不存在"),
        (ApiError.RequestInvalid, 400, Blame.Client, "请求无法识别"),
        (ApiError.FieldInvalid, 422, Blame.Client, "参数有误"),
        (ApiError.RecordsOff, 501, Blame.Client, "没有启用上传记录（Records:Provider=none），图库接口不可用"),
        (ApiError.InternalError, 500, Blame.Server, "服务器内部错误，请联系管理员"),
    }.ToFrozenDictionary(
        row => row.Error, row => new Failure(row.Error.ToString(), row.Status, row.Blame, row.Text));

    /// <summary>The row of an error.</summary>
    /// <exception cref="KeyNotFoundException">The table lacks it: a defect that a test finds.</exception>
    public static Failure For(Enum error) => Rows[error];

    /// <summary>The row of an exception; one that no room knows is <see cref="ApiError.InternalError"/>.</summary>
    public static Failure For(Exception exception) => exception switch
    {
        UploadException { Error: UploadError.FileTooLarge, Limit: { } limit } failure =>
            For(failure.Error) is var row ? row with { Text = $"{row.Text}：不能超过 {Size(limit)}" } : row,
        UploadException { Detail: { } detail } failure => For(failure.Error) is var row ? row with { Text = $"{row.Text}：{detail}" } : row,
        UploadException failure => For(failure.Error),
        StoreException failure => For(failure.Error),
        OssTransportException failure => For(OssFaults.Classify(failure.Error)),
        StsException failure => For(failure.Error),
        RecordsException failure => For(failure.Error) with { RetryAt = failure.RetryAt },
        TransferException failure => For(failure.Error),
        QrException failure => For(failure.Error),
        GrantException failure => For(failure.Error),
        GoodsException { Position: { } position } failure =>
            For(failure.Error) is var row ? row with { Text = string.Create(CultureInfo.InvariantCulture, $"imgs 第 {position} 张：{row.Text}") } : row,
        GoodsException failure => For(failure.Error),
        IdentityException failure => For(failure.Error) with { RetryAfter = failure.RetryAfter },
        // Its words are OSS's, meant for whoever wrote the request; those of our own failures are for the log.
        ImageException
        {
            Error: ImageError.ProcessInvalid or ImageError.ProcessRefused or ImageError.ImageTooLarge or ImageError.WatermarkRefused,
        } failure => For(failure.Error) is var row ? row with { Text = $"{row.Text}：{failure.Message}" } : row,
        ImageException failure => For(failure.Error) with { RetryAfter = failure.RetryAfter },
        ApiException { Text: { } text } failure => For(failure.Error) with { Text = text },
        ApiException failure => For(failure.Error),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => For(UploadError.FileTooLarge),
        BadHttpRequestException => For(ApiError.RequestInvalid),
        _ => For(ApiError.InternalError),
    };

    /// <summary>The row of a status that the framework answered by itself.</summary>
    public static Failure For(int status) => status switch
    {
        404 => For(ApiError.RouteNotFound),
        405 => For(ApiError.MethodNotAllowed),
        413 => For(UploadError.FileTooLarge),
        >= 500 => For(ApiError.InternalError) with { Status = status },
        _ => For(ApiError.RequestInvalid) with { Status = status },
    };

    private static string Size(long bytes) => bytes switch
    {
        >= 1 << 30 => (bytes / (double)(1 << 30)).ToString("0.##", CultureInfo.InvariantCulture) + " GB",
        >= 1 << 20 => (bytes / (double)(1 << 20)).ToString("0.##", CultureInfo.InvariantCulture) + " MB",
        >= 1 << 10 => (bytes / (double)(1 << 10)).ToString("0.##", CultureInfo.InvariantCulture) + " KB",
        _ => bytes.ToString(CultureInfo.InvariantCulture) + " 字节",
    };
}

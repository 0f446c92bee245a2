namespace OssProxy.Emulator;

/// <summary>The operations this server knows, named as in the API references of OSS and STS.</summary>
public enum OssOperation
{
    /// <summary>Refused before it could be told what was wanted.</summary>
    Unknown,
    ListBuckets,
    PutBucket,
    DeleteBucket,
    GetBucketInfo,
    GetBucketLocation,
    ListObjects,
    ListObjectsV2,
    ListMultipartUploads,
    DeleteMultipleObjects,
    PutObject,
    PostObject,
    CopyObject,
    GetObject,
    HeadObject,
    GetObjectMeta,

    /// <summary>A read with <c>x-oss-process</c>.</summary>
    ProcessObject,

    /// <summary>The same by POST, to keep the result.</summary>
    PostProcessObject,
    DeleteObject,
    InitiateMultipartUpload,
    UploadPart,
    UploadPartCopy,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    ListParts,
    OptionObject,

    /// <summary>Of STS, on the same address. Has neither bucket nor key.</summary>
    AssumeRole,
}

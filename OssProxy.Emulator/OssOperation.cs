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

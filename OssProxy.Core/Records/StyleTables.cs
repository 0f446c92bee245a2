namespace OssProxy.Core.Records;

/// <summary>The sixth step of the schema: what is made of images under a name.</summary>
internal static class StyleTables
{
    public const string Both = """
        CREATE TABLE image_style (
            name text PRIMARY KEY,
            content text NOT NULL,
            accept text NOT NULL DEFAULT '',
            create_time bigint NOT NULL,
            update_time bigint NOT NULL
        );
        """;
}

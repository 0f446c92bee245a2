namespace OssProxy.Core.Records;

/// <summary>The fourth step of the schema: who has been let go to the store by themselves. A grant is the claim of a direct upload: written
/// before anybody can send a byte, and there until what became of it is settled.</summary>
internal static class GrantTables
{
    /// <summary>With <c>{id}</c> for a number that is given out once, and <c>{bytes}</c> behind a path as in <see cref="SqlWords"/>.</summary>
    public const string Both = """
        CREATE TABLE upload_grant ({id},
            token text NOT NULL UNIQUE,
            kind text NOT NULL CHECK (kind IN ('post', 'put', 'parts', 'sts', 'gateway')),
            sender text NOT NULL,
            owner text NOT NULL,
            counted_as text NOT NULL,
            image_class_id bigint NOT NULL,
            storage text NOT NULL,
            bucket text NOT NULL,
            path text NOT NULL,
            min_bytes bigint NOT NULL,
            max_bytes bigint NOT NULL,
            original_name text NULL,
            upload_id text NULL,
            part_bytes bigint NOT NULL DEFAULT 0,
            create_time bigint NOT NULL,
            expires_at bigint NOT NULL,
            due_at bigint NOT NULL,
            settled integer NOT NULL DEFAULT 0,
            reported integer NOT NULL DEFAULT 0
        );
        CREATE INDEX upload_grant_due ON upload_grant (due_at);
        CREATE INDEX upload_grant_path ON upload_grant (path {bytes});
        CREATE INDEX upload_grant_counted ON upload_grant (counted_as) WHERE settled = 0;
        ALTER TABLE image ADD COLUMN grant_id bigint NULL;
        ALTER TABLE image ADD COLUMN object_time bigint NULL;
        CREATE UNIQUE INDEX image_granted ON image (storage, bucket, path) WHERE grant_id IS NOT NULL;
        """;
}

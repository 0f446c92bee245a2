using System.Globalization;

namespace OssProxy.Core.Records;

/// <summary>One step of the schema, in the words of each database. A step that has been released never changes.</summary>
internal sealed record SchemaStep(int Version, string Name, string Sqlite, string Postgres)
{
    public string In(SqlDialect dialect) => dialect == SqlDialect.Postgres ? Postgres : Sqlite;
}

/// <summary>
/// The tables, as numbered steps that run at start and are remembered in <c>records_schema</c>. Times are Unix milliseconds in both
/// databases: one SQL serves both, and no server's time zone has a say. A CRC-64 is text, the same decimal digits that OSS sends in
/// <c>x-oss-hash-crc64ecma</c>: it is compared by eye and by equality, never computed with, and neither database has an unsigned 64-bit
/// number. There is no foreign key on <c>image_class_id</c>, because class 0 means "none".
/// </summary>
internal static class RecordsSchema
{
    private const string ImageColumns = """
            image_class_id bigint NOT NULL DEFAULT 0,
            path text NOT NULL,
            name text NOT NULL DEFAULT '',
            url text NOT NULL,
            "order" integer NOT NULL DEFAULT 50,
            status integer NOT NULL DEFAULT 1,
            create_time bigint NOT NULL,
            update_time bigint NOT NULL,
            state text NOT NULL CHECK (state IN ('pending', 'stored')),
            storage text NOT NULL,
            size bigint NULL,
            media_type text NOT NULL,
            crc64 text NULL,
            original_name text NULL,
            node text NOT NULL
        );
        """;

    // Pending rows are few at any time, so this index stays small however many rows are stored.
    private const string PendingIndex = "CREATE INDEX image_pending ON image (node, id) WHERE state = 'pending';";

    // Names are unique among siblings: two consoles that create the same class at once must not both succeed.
    private const string ClassColumns = """
            pid bigint NOT NULL DEFAULT 0,
            name text NOT NULL,
            "desc" text NOT NULL DEFAULT '',
            "order" integer NOT NULL DEFAULT 50,
            status integer NOT NULL DEFAULT 1,
            policy text NULL,
            create_time bigint NOT NULL,
            update_time bigint NOT NULL,
            UNIQUE (pid, name)
        );
        """;

    // What is deleted is little beside what is there: consoles that list it would look through all rows without an index of its own.
    private const string LibraryColumns = """
        ALTER TABLE image ADD COLUMN width integer NULL;
        ALTER TABLE image ADD COLUMN height integer NULL;
        ALTER TABLE image ADD COLUMN sha256 text NULL;
        ALTER TABLE image ADD COLUMN owner text NOT NULL DEFAULT '';
        ALTER TABLE image ADD COLUMN created_by text NOT NULL DEFAULT '';
        ALTER TABLE image ADD COLUMN bucket text NOT NULL DEFAULT '';
        ALTER TABLE image ADD COLUMN deleted_at bigint NULL;
        CREATE INDEX image_listed ON image (image_class_id, id) WHERE state = 'stored' AND deleted_at IS NULL;
        CREATE INDEX image_deleted ON image (id) WHERE state = 'stored' AND deleted_at IS NOT NULL;
        """;

    // When a row was claimed, by the one clock that all nodes share: a claim of a node whose clock is hours behind must not look hours old.
    // The default comes in a statement of its own, because adding the column with it would write every row anew. SQLite has one process,
    // whose create_time says the same.
    private const string ClaimedAt = $"""
        ALTER TABLE image ADD COLUMN claimed_at bigint NULL;
                ALTER TABLE image ALTER COLUMN claimed_at SET DEFAULT ({DatabaseClock.PostgresNow});
        """;

    // A deletion remembers what it needs by itself: the row that it belongs to goes last, and never before the object.
    private const string LibraryTables = """
        CREATE TABLE object_deletion (
            image_id bigint PRIMARY KEY,
            storage text NOT NULL,
            path text NOT NULL,
            due_at bigint NOT NULL,
            state text NOT NULL CHECK (state IN ('queued', 'running', 'failed')),
            attempts bigint NOT NULL DEFAULT 0,
            fence bigint NOT NULL DEFAULT 0,
            last_error text NULL,
            create_time bigint NOT NULL
        );
        CREATE INDEX object_deletion_failed ON object_deletion (image_id) WHERE state = 'failed';
        CREATE INDEX image_link ON image (url) WHERE storage = 'link';
        CREATE INDEX object_deletion_due ON object_deletion (due_at, image_id) WHERE state <> 'failed';
        CREATE TABLE lease (
            name text PRIMARY KEY,
            holder text NOT NULL,
            fence bigint NOT NULL,
            expires_at bigint NOT NULL
        );
        CREATE TABLE upload_usage (
            owner text NOT NULL,
            image_class_id bigint NOT NULL,
            day integer NOT NULL,
            files bigint NOT NULL,
            bytes bigint NOT NULL,
            PRIMARY KEY (owner, image_class_id, day)
        );
        """;

    private const string MainColor = "ALTER TABLE image ADD COLUMN main_color text NULL;";

    /// <summary>Every step, in order.</summary>
    public static readonly IReadOnlyList<SchemaStep> Steps =
    [
        new(1, "image",
            // AUTOINCREMENT: an id is never given twice, so a late release cannot hit the row of a later claim.
            Sqlite: $"CREATE TABLE image (id integer PRIMARY KEY AUTOINCREMENT, {ImageColumns} {PendingIndex}",
            Postgres: $"CREATE TABLE image (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, {ImageColumns} {PendingIndex}"),
        new(2, "library",
            Sqlite: $"""
                CREATE TABLE image_class (id integer PRIMARY KEY AUTOINCREMENT, {ClassColumns}
                {LibraryColumns}
                CREATE INDEX image_path ON image (path);
                {LibraryTables}
                """,
            // The order of keys is that of their bytes, as stores list them.
            Postgres: $"""
                CREATE TABLE image_class (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, {ClassColumns}
                {LibraryColumns}
                CREATE INDEX image_path ON image (path COLLATE "C");
                {ClaimedAt}
                {LibraryTables}
                """),
        new(3, "identity",
            Sqlite: IdentityTables.Both.Replace("{id}", "id integer PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal),
            Postgres: IdentityTables.Both.Replace("{id}", "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)
                + "\n" + IdentityTables.Shared),
        new(4, "grants",
            Sqlite: GrantTables.Both
                .Replace("{id}", "id integer PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal)
                .Replace("{bytes}", "", StringComparison.Ordinal),
            Postgres: GrantTables.Both
                .Replace("{id}", "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)
                .Replace("{bytes}", "COLLATE \"C\"", StringComparison.Ordinal)),
        new(5, "goods",
            Sqlite: GoodsTables.Both.Replace("{id}", "id integer PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal),
            Postgres: GoodsTables.Both.Replace("{id}", "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)),
        new(6, "styles", Sqlite: StyleTables.Both, Postgres: StyleTables.Both),
        // Where nobody asks for it there is none: nothing is computed for what is stored already.
        new(7, "main colour", Sqlite: MainColor, Postgres: MainColor),
    ];

    /// <summary>The version that this program works with.</summary>
    public static int Current => Steps[^1].Version;

    /// <summary>Brings the schema to <see cref="Current"/> in one transaction and returns the versions that were applied.</summary>
    /// <exception cref="RecordsException">The database is newer than this program.</exception>
    public static async Task<IReadOnlyList<int>> MigrateAsync(IRecordsEngine engine, RecordsSession session, DateTimeOffset now)
    {
        await engine.HoldSchemaAsync(session);
        await session.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS records_schema (version integer PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)");
        var version = await VersionAsync(session);
        RefuseNewer(version);
        var missing = Steps.Where(step => step.Version > version).ToList();
        foreach (var step in missing)
        {
            await session.ExecuteAsync(step.In(engine.Dialect));
            await session.ExecuteAsync(
                "INSERT INTO records_schema (version, name, applied_at) VALUES (@Version, @Name, @AppliedAt)",
                new { step.Version, step.Name, AppliedAt = now.ToUnixTimeMilliseconds() });
        }

        return [.. missing.Select(step => step.Version)];
    }

    /// <summary>Whether a database that perhaps was never started has this program's schema, and would take a write; changes nothing.</summary>
    /// <exception cref="RecordsException">The database is newer than this program.</exception>
    public static async Task<bool> IsCurrentAsync(SqlDialect dialect, RecordsSession session)
    {
        var tables = dialect == SqlDialect.Postgres
            ? "SELECT count(to_regclass('records_schema'))"
            : "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'records_schema'";
        if (await session.ScalarAsync<long>(tables) == 0)
            return false;

        // A write that meets no row: refused by a file that is read-only, by a standby, and where the rights are missing.
        await session.ExecuteAsync("UPDATE records_schema SET version = version WHERE 1 = 0");
        var version = await VersionAsync(session);
        RefuseNewer(version);
        return version == Current;
    }

    /// <summary>The version of the database's schema; 0 when it is empty.</summary>
    public static Task<int> VersionAsync(RecordsSession session) =>
        session.ScalarAsync<int>("SELECT coalesce(max(version), 0) FROM records_schema");

    /// <summary>When the first step was applied, Unix milliseconds.</summary>
    public static Task<long> SinceAsync(RecordsSession session) =>
        session.ScalarAsync<long>("SELECT coalesce(min(applied_at), 0) FROM records_schema");

    private static void RefuseNewer(int version)
    {
        if (version > Current)
        {
            throw new RecordsException(RecordsError.RecordsUnavailable, string.Create(
                CultureInfo.InvariantCulture,
                $"数据库的表结构版本是 {version}，本程序只认识到 {Current}：请升级程序，或把 Records:ConnectionString 指向另一个数据库。"));
        }
    }
}

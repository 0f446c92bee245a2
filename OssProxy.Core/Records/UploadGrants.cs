using System.Globalization;
using System.Text.Json;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Records;

/// <summary>
/// The grants that are open, and the one record that comes of each object which was sent by one. However often and by whomever an object is
/// reported, the database itself lets one row in for its key. When a grant has to be looked at next is counted by the database's clock; a
/// grant that has been taken for a look is nobody else's for a while, and looking twice does no harm.
/// </summary>
public sealed class UploadGrants
{
    /// <summary>The fewest letters of a token.</summary>
    public const int TokenLength = 32;

    private const string Columns = """
        id, token, kind, storage, bucket, path, sender, owner, image_class_id AS ClassId, min_bytes AS MinBytes, max_bytes AS MaxBytes,
        original_name AS OriginalName, upload_id AS UploadId, part_bytes AS PartBytes, create_time AS CreatedAt, expires_at AS ExpiresAt
        """;

    // One statement, so that grants which are asked for at once cannot all be the last.
    private const string Add = """
        INSERT INTO upload_grant (token, kind, sender, owner, counted_as, image_class_id, storage, bucket, path, min_bytes, max_bytes,
            original_name, upload_id, part_bytes, create_time, expires_at, due_at)
        SELECT @Token, @Kind, @Sender, @Owner, @CountedAs, @ClassId, @Store, @Bucket, @Path, @MinBytes, @MaxBytes,
            @OriginalName, @UploadId, @PartBytes, @Now, @ExpiresAt, {now} + @DueIn
        WHERE (SELECT count(*) FROM (SELECT 1 FROM upload_grant WHERE counted_as = @CountedAs LIMIT @Most) open) < @Most
        RETURNING id
        """;

    private const string OfToken = $"SELECT {Columns} FROM upload_grant WHERE token = @Token";

    private const string Remove = "DELETE FROM upload_grant WHERE id = @Id";

    private const string LookIn = "UPDATE upload_grant SET due_at = {now} + @DueIn WHERE id = @Id";

    private const string Insert = """
        INSERT INTO image (image_class_id, path, url, name, create_time, update_time, state, storage, bucket, media_type, original_name, width,
            height, owner, created_by, node, grant_id, size, crc64, sha256)
        VALUES (@ClassId, @Path, @Url, @Name, @At, @At, 'stored', @Store, @Bucket, @MediaType, @OriginalName, @Width,
            @Height, @Owner, @CreatedBy, '', @GrantId, @Length, @Crc64, @Sha256)
        ON CONFLICT (storage, bucket, path) WHERE grant_id IS NOT NULL DO NOTHING
        RETURNING id
        """;

    // The holder of a prefix may have put another object under the key since; the row says what is there.
    private const string Change = """
        UPDATE image
        SET media_type = @MediaType, width = @Width, height = @Height, size = @Length, crc64 = @Crc64, sha256 = @Sha256, update_time = @At
        WHERE id = @Id AND state = 'stored' AND deleted_at IS NULL
        """;

    private readonly RecordsDatabase _database;
    private readonly DatabaseClock _clock;
    private readonly TimeProvider _time;
    private readonly ImageQueries _queries;
    private readonly string _add;
    private readonly string _lookIn;
    private readonly string _covering;
    private readonly string _takeDue;
    private readonly string _holdClass;

    public UploadGrants(RecordsDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _clock = new DatabaseClock(database.Dialect, time);
        _queries = new ImageQueries(database.Dialect);
        var words = SqlWords.Of(database.Dialect);
        _add = _clock.Tell(Add);
        _lookIn = _clock.Tell(LookIn);
        _holdClass = $"SELECT count(*) FROM (SELECT id FROM image_class WHERE id = @ClassId{words.ForKeyShare}) held";
        _covering = words.InBytes(
            $"SELECT {Columns} FROM upload_grant WHERE path {{bytes}} IN {words.Texts} AND storage = @Store AND bucket = @Bucket ORDER BY id DESC");
        var skipping = database.Dialect == SqlDialect.Postgres ? " FOR UPDATE SKIP LOCKED" : "";
        _takeDue = _clock.Tell($$"""
            UPDATE upload_grant SET due_at = {now} + @Hold
            WHERE id IN (SELECT id FROM upload_grant WHERE due_at <= (SELECT {now}) ORDER BY due_at LIMIT @Limit{{skipping}})
            RETURNING {{Columns}}
            """);
    }

    /// <summary>Remembers a grant, to be called before anybody is told of it, and returns its id.</summary>
    /// <param name="dueIn">After which time it is looked at for the first time.</param>
    /// <param name="most">How many may be open at once that are counted under one name.</param>
    /// <exception cref="RecordsException"><see cref="RecordsError.TooManyGrants"/>.</exception>
    public async Task<long> AddAsync(NewGrant grant, TimeSpan dueIn, int most, CancellationToken cancellationToken)
    {
        var values = new
        {
            grant.Token,
            Kind = grant.Kind.ToString().ToLowerInvariant(),
            grant.Sender,
            Owner = StorableText.Of(grant.Owner),
            CountedAs = StorableText.Of(grant.CountedAs),
            grant.ClassId,
            grant.Store,
            grant.Bucket,
            grant.Path,
            grant.MinBytes,
            grant.MaxBytes,
            OriginalName = StorableText.Of(grant.OriginalName),
            grant.UploadId,
            grant.PartBytes,
            _clock.Now,
            ExpiresAt = grant.ExpiresAt.ToUnixTimeMilliseconds(),
            DueIn = (long)dueIn.TotalMilliseconds,
            Most = (long)most,
        };
        var id = await _database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(_add, values), cancellationToken);
        return id > 0 ? id : throw new RecordsException(RecordsError.TooManyGrants, $"'{grant.CountedAs}' has {most} open grants.");
    }

    /// <summary>The grant with a token; null when there is none, or none any more.</summary>
    public Task<UploadGrant?> FindAsync(string token, CancellationToken cancellationToken) =>
        _database.ReadAsync(async session => One(await session.QueryAsync<GrantRow>(OfToken, new { Token = StorableText.Of(token) })), cancellationToken);

    /// <summary>The grants that a key is one of, the latest first.</summary>
    public Task<IReadOnlyList<UploadGrant>> CoveringAsync(string store, string bucket, ObjectKey key, CancellationToken cancellationToken)
    {
        var values = new { Texts = JsonSerializer.Serialize(PathsOver(key.Value)), Store = store, Bucket = bucket };
        return _database.ReadAsync<IReadOnlyList<UploadGrant>>(
            async session => [.. (await session.QueryAsync<GrantRow>(_covering, values)).Select(row => row.Read())], cancellationToken);
    }

    /// <summary>The stored record of an object, a deleted one as well; null when there is none.</summary>
    public Task<ImageRecord?> RecordOfAsync(string store, string bucket, ObjectKey key, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => _queries.OfPathAsync(session, store, bucket, key.Value), cancellationToken);

    /// <summary>Records an object unless it is recorded already, and returns the one record that there is.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>, <see cref="RecordsError.DailyLimitReached"/>;
    /// <see cref="RecordsError.KeyTaken"/>: an upload under the key has not ended.</exception>
    public Task<ImageRecord> RecordAsync(GrantedObject granted, Filing filing, CancellationToken cancellationToken)
    {
        var upload = granted.Upload;
        var values = new
        {
            filing.ClassId,
            Path = upload.Key.Value,
            upload.Url,
            Name = StorableText.Of(upload.Name) ?? "",
            At = filing.CreatedAt.ToUnixTimeMilliseconds(),
            upload.Store,
            upload.Bucket,
            upload.MediaType,
            OriginalName = StorableText.Of(upload.OriginalName),
            upload.Width,
            upload.Height,
            upload.Owner,
            upload.CreatedBy,
            GrantId = granted.Grant.Id,
            granted.Length,
            Crc64 = granted.Crc64?.ToString(CultureInfo.InvariantCulture),
            granted.Sha256,
        };
        return _database.WriteAsync(WriteScope.Transaction, async session =>
        {
            if (filing.ClassId != 0 && await session.ScalarAsync<long>(_holdClass, new { filing.ClassId }) == 0)
                throw new RecordsException(RecordsError.ClassNotFound, $"Class {filing.ClassId} has gone.");
            if (await session.ScalarAsync<long>(Insert, values) > 0 && filing.Usage is { } usage)
                await usage.CountAsync(session, files: 1, granted.Length);
            return await _queries.OfPathAsync(session, upload.Store, upload.Bucket, upload.Key.Value)
                ?? throw new RecordsException(RecordsError.KeyTaken, "An upload under the key has not ended.");
        }, cancellationToken);
    }

    /// <summary>Writes into a record what its object has become; false when the record has been deleted.</summary>
    public async Task<bool> ChangeAsync(long imageId, GrantedObject granted, CancellationToken cancellationToken)
    {
        var values = new
        {
            Id = imageId,
            granted.Upload.MediaType,
            granted.Upload.Width,
            granted.Upload.Height,
            granted.Length,
            Crc64 = granted.Crc64?.ToString(CultureInfo.InvariantCulture),
            granted.Sha256,
            At = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return await _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(Change, values), cancellationToken) == 1;
    }

    /// <summary>Takes grants that are due to be looked at, so that nobody else takes them for a while.</summary>
    public Task<IReadOnlyList<UploadGrant>> TakeDueAsync(int limit, TimeSpan hold, CancellationToken cancellationToken)
    {
        var values = new { Limit = (long)limit, Hold = (long)hold.TotalMilliseconds, _clock.Now };
        return _database.WriteAsync<IReadOnlyList<UploadGrant>>(
            WriteScope.Transaction,
            async session => [.. (await session.QueryAsync<GrantRow>(_takeDue, values)).Select(row => row.Read())], cancellationToken);
    }

    /// <summary>Has a grant looked at after a time.</summary>
    public Task LookInAsync(long id, TimeSpan dueIn, CancellationToken cancellationToken)
    {
        var values = new { Id = id, DueIn = (long)dueIn.TotalMilliseconds, _clock.Now };
        return _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(_lookIn, values), cancellationToken);
    }

    /// <summary>Forgets a grant. Succeeds when it is gone.</summary>
    public Task RemoveAsync(long id, CancellationToken cancellationToken) =>
        _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(Remove, new { Id = id }), cancellationToken);

    /// <summary>The paths of all grants that a key may be one of: its own, and every folder above it.</summary>
    internal static IEnumerable<string> PathsOver(string path) =>
        Enumerable.Range(1, path.Length - 1).Where(at => path[at - 1] == '/').Select(at => path[..at]).Append(path);

    private static UploadGrant? One(IReadOnlyList<GrantRow> rows) => rows is [var row] ? row.Read() : null;

    // As in ImageQueries: the databases give integers in different widths.
    private sealed class GrantRow
    {
        public long Id { get; init; }
        public string Token { get; init; } = "";
        public string Kind { get; init; } = "";
        public string Storage { get; init; } = "";
        public string Bucket { get; init; } = "";
        public string Path { get; init; } = "";
        public string Sender { get; init; } = "";
        public string Owner { get; init; } = "";
        public long ClassId { get; init; }
        public long MinBytes { get; init; }
        public long MaxBytes { get; init; }
        public string? OriginalName { get; init; }
        public string? UploadId { get; init; }
        public long PartBytes { get; init; }
        public long CreatedAt { get; init; }
        public long ExpiresAt { get; init; }

        public UploadGrant Read() => new(
            Id, Token, Enum.Parse<GrantKind>(Kind, ignoreCase: true), Storage, Bucket, Path, Sender, Owner, ClassId, MinBytes, MaxBytes,
            OriginalName, UploadId, PartBytes, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt));
    }
}

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

    // What has been settled is not counted. PostgreSQL counts what others have committed by then: a crowd that asks at once may pass the
    // limit by as many as it is.
    private const string Add = """
        INSERT INTO upload_grant (token, kind, sender, owner, counted_as, image_class_id, storage, bucket, path, min_bytes, max_bytes,
            original_name, upload_id, part_bytes, create_time, expires_at, due_at)
        SELECT @Token, @Kind, @Sender, @Owner, @CountedAs, @ClassId, @Store, @Bucket, @Path, @MinBytes, @MaxBytes,
            @OriginalName, @UploadId, @PartBytes, {now}, {now} + @Lifetime, {now} + @DueIn
        WHERE (SELECT count(*) FROM (SELECT 1 FROM upload_grant WHERE counted_as = @CountedAs AND settled = 0 LIMIT @Most) open) < @Most
        RETURNING id
        """;

    private const string OfToken = $"SELECT {GrantRow.Columns} FROM upload_grant WHERE token = @Token";

    // Not where somebody wants it looked at again, or has prolonged it, since it was taken.
    private const string Remove = "DELETE FROM upload_grant WHERE id = @Id AND due_at > {now} AND expires_at = @ExpiresAt";

    private const string Mended = "UPDATE image SET object_time = @ObjectTime WHERE id = @Id";

    // Not where somebody has asked for a look at once since it was taken.
    private const string LookIn = "UPDATE upload_grant SET due_at = {now} + @DueIn WHERE id = @Id AND due_at > {now}";

    private const string LookNow = "UPDATE upload_grant SET due_at = {now}, reported = CASE WHEN @Reported = 1 THEN 1 ELSE reported END WHERE token = @Token";

    private const string Prolong = "UPDATE upload_grant SET expires_at = {now} + @Lifetime, due_at = {now} + @Lifetime + @Then WHERE id = @Id";

    private const string Settled = "UPDATE upload_grant SET settled = 1 WHERE id = @Id";

    private const string Begun = "UPDATE upload_grant SET upload_id = @UploadId WHERE id = @Id";

    private const string Insert = """
        INSERT INTO image (image_class_id, path, url, name, create_time, update_time, state, storage, bucket, media_type, original_name, width,
            height, owner, created_by, node, grant_id, size, crc64, sha256, object_time)
        VALUES (@ClassId, @Path, @Url, @Name, @At, @At, 'stored', @Store, @Bucket, @MediaType, @OriginalName, @Width,
            @Height, @Owner, @CreatedBy, '', @GrantId, @Length, @Crc64, @Sha256, @ObjectTime)
        ON CONFLICT (storage, bucket, path) WHERE grant_id IS NOT NULL DO NOTHING
        RETURNING id
        """;

    // As an image that is deleted already: nobody can record the object any more, and whoever sees to deletions sees to it.
    private const string Condemn = """
        INSERT INTO image (image_class_id, path, url, create_time, update_time, state, storage, bucket, media_type, owner, created_by, node,
            grant_id, deleted_at)
        VALUES (0, @Path, '', {now}, {now}, 'stored', @Store, @Bucket, '', @Owner, '', '', @GrantId, {now})
        ON CONFLICT (storage, bucket, path) WHERE grant_id IS NOT NULL DO NOTHING
        RETURNING id
        """;

    private const string QueueCondemned = """
        INSERT INTO object_deletion (image_id, storage, path, due_at, state, last_error, create_time)
        VALUES (@Id, @Store, @Path, {now}, 'running', 'no class takes it', {now})
        """;

    private const string Hasten = "UPDATE object_deletion SET due_at = {now}, state = 'running' WHERE image_id = @Id AND state = 'queued'";

    // The holder of a prefix may have put another object under the key since; the row says what is there.
    private const string Change = """
        UPDATE image
        SET media_type = @MediaType, width = @Width, height = @Height, size = @Length, crc64 = @Crc64, sha256 = @Sha256, update_time = @At,
            object_time = @ObjectTime
        WHERE id = @Id AND state = 'stored' AND deleted_at IS NULL AND update_time = @Was
        """;

    private readonly RecordsDatabase _database;
    private readonly DatabaseClock _clock;
    private readonly TimeProvider _time;
    private readonly ImageQueries _queries;
    private readonly string _add;
    private readonly string _lookIn;
    private readonly string _lookNow;
    private readonly string _prolong;
    private readonly string _remove;
    private readonly string _condemn;
    private readonly string _queueCondemned;
    private readonly string _hasten;
    private readonly string _ofToken;
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
        _lookNow = _clock.Tell(LookNow);
        _prolong = _clock.Tell(Prolong);
        _remove = _clock.Tell(Remove);
        _condemn = _clock.Tell(Condemn);
        _queueCondemned = _clock.Tell(QueueCondemned);
        _hasten = _clock.Tell(Hasten);
        _ofToken = _clock.Tell(OfToken);
        _holdClass = $"SELECT count(*) FROM (SELECT id FROM image_class WHERE id = @ClassId{words.ForKeyShare}) held";
        _covering = _clock.Tell(words.InBytes(
            $"SELECT {GrantRow.Columns} FROM upload_grant WHERE path {{bytes}} IN {words.Texts} AND storage = @Store AND bucket = @Bucket ORDER BY id DESC"));
        var skipping = database.Dialect == SqlDialect.Postgres ? " FOR UPDATE SKIP LOCKED" : "";
        _takeDue = _clock.Tell($$"""
            UPDATE upload_grant SET due_at = {now} + @Hold
            WHERE id IN (SELECT id FROM upload_grant WHERE due_at <= (SELECT {now}) ORDER BY due_at LIMIT @Limit{{skipping}})
            RETURNING {{GrantRow.Columns}}
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
            Lifetime = (long)grant.Lifetime.TotalMilliseconds,
            DueIn = (long)dueIn.TotalMilliseconds,
            Most = (long)most,
        };
        var id = await _database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(_add, values), cancellationToken);
        return id > 0 ? id : throw new RecordsException(RecordsError.TooManyGrants, $"'{grant.CountedAs}' has {most} open grants.");
    }

    /// <summary>The grant with a token; null when there is none, or none any more.</summary>
    public Task<UploadGrant?> FindAsync(string token, CancellationToken cancellationToken) =>
        _database.ReadAsync(async session => One(await session.QueryAsync<GrantRow>(_ofToken, new { Token = StorableText.Of(token), _clock.Now })), cancellationToken);

    /// <summary>The grants that a key is one of, the latest first.</summary>
    public Task<IReadOnlyList<UploadGrant>> CoveringAsync(string store, string bucket, ObjectKey key, CancellationToken cancellationToken)
    {
        var values = new { Texts = JsonSerializer.Serialize(PathsOver(key.Value)), Store = store, Bucket = bucket, _clock.Now };
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
            ObjectTime = granted.WrittenAt?.ToUnixTimeSeconds(),
        };
        return _database.WriteAsync(WriteScope.Transaction, async session =>
        {
            if (filing.ClassId != 0 && await session.ScalarAsync<long>(_holdClass, new { filing.ClassId }) == 0)
                throw new RecordsException(RecordsError.ClassNotFound, $"Class {filing.ClassId} has gone.");
            if (await session.ScalarAsync<long>(Insert, values) > 0 && filing.Usage is { } usage)
                await usage.CountAsync(session, files: 1, granted.Length);
            if (!granted.Grant.IsPrefix)
                await session.ExecuteAsync(Settled, new { granted.Grant.Id });
            return await _queries.OfPathAsync(session, upload.Store, upload.Bucket, upload.Key.Value)
                ?? throw new RecordsException(RecordsError.KeyTaken, "An upload under the key has not ended.");
        }, cancellationToken);
    }

    /// <summary>Sees to it that an object which no class takes is removed, unless it has a record.</summary>
    /// <returns>The record; null when there was none, and none can be made before the object is gone.</returns>
    /// <exception cref="RecordsException"><see cref="RecordsError.KeyTaken"/>: an upload through the gateway holds the key.</exception>
    public Task<ImageRecord?> CondemnAsync(UploadGrant grant, ObjectKey key, CancellationToken cancellationToken)
    {
        var values = new { Path = key.Value, grant.Store, grant.Bucket, grant.Owner, GrantId = grant.Id, _clock.Now };
        return _database.WriteAsync<ImageRecord?>(WriteScope.Transaction, async session =>
        {
            var id = await session.ScalarAsync<long>(_condemn, values);
            if (id == 0)
                return await _queries.OfPathAsync(session, grant.Store, grant.Bucket, key.Value)
                    ?? throw new RecordsException(RecordsError.KeyTaken, "An upload under the key has not ended.");
            await session.ExecuteAsync(_queueCondemned, new { Id = id, Path = key.Value, grant.Store, _clock.Now });
            return null;
        }, cancellationToken);
    }

    /// <summary>Ends the time in which a deleted image could be restored: its object is another one by now.</summary>
    public Task HastenAsync(long imageId, CancellationToken cancellationToken) => _database.WriteAsync(
        WriteScope.Statement, session => session.ExecuteAsync(_hasten, new { Id = imageId, _clock.Now }), cancellationToken);

    /// <summary>Writes into a record what its object has become, and counts what it has grown by; false when the record has been deleted, or is
    /// not the one any more that was looked at.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.DailyLimitReached"/>.</exception>
    public Task<bool> ChangeAsync(ImageRecord record, GrantedObject granted, DailyUsage? usage, CancellationToken cancellationToken)
    {
        var values = new
        {
            record.Id,
            granted.Upload.MediaType,
            granted.Upload.Width,
            granted.Upload.Height,
            granted.Length,
            Crc64 = granted.Crc64?.ToString(CultureInfo.InvariantCulture),
            granted.Sha256,
            ObjectTime = granted.WrittenAt?.ToUnixTimeSeconds(),
            Was = record.UpdatedAt.ToUnixTimeMilliseconds(),
            At = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return _database.WriteAsync(WriteScope.Transaction, async session =>
        {
            if (await session.ExecuteAsync(Change, values) != 1)
                return false;
            if (usage is not null && granted.Length > (record.Size ?? 0))
                await usage.CountAsync(session, files: 0, granted.Length - (record.Size ?? 0));
            return true;
        }, cancellationToken);
    }

    /// <summary>Takes grants that are due to be looked at, so that nobody else takes them for a while.</summary>
    public Task<IReadOnlyList<UploadGrant>> TakeDueAsync(int limit, TimeSpan hold, CancellationToken cancellationToken)
    {
        var values = new { Limit = (long)limit, Hold = (long)hold.TotalMilliseconds, _clock.Now };
        return _database.WriteAsync<IReadOnlyList<UploadGrant>>(
            WriteScope.Transaction,
            async session => [.. (await session.QueryAsync<GrantRow>(_takeDue, values)).Select(row => row.Read())], cancellationToken);
    }

    /// <summary>Has a grant that was taken looked at after a time; at once where somebody has asked for that meanwhile.</summary>
    public Task LookInAsync(long id, TimeSpan dueIn, CancellationToken cancellationToken)
    {
        var values = new { Id = id, DueIn = (long)dueIn.TotalMilliseconds, _clock.Now };
        return _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(_lookIn, values), cancellationToken);
    }

    /// <summary>Has a grant looked at at once.</summary>
    /// <param name="isReported">See <see cref="UploadGrant.IsReported"/>.</param>
    /// <returns>False when there is no such grant any more.</returns>
    public async Task<bool> LookNowAsync(string token, bool isReported, CancellationToken cancellationToken)
    {
        var values = new { Token = StorableText.Of(token), Reported = isReported ? 1 : 0, _clock.Now };
        return await _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(_lookNow, values), cancellationToken) == 1;
    }

    /// <summary>Remembers the store's name for an upload in parts that has begun.</summary>
    public Task BeginAsync(long id, string uploadId, CancellationToken cancellationToken) => _database.WriteAsync(
        WriteScope.Statement, session => session.ExecuteAsync(Begun, new { Id = id, UploadId = uploadId }), cancellationToken);

    /// <summary>Lets a grant end later.</summary>
    /// <param name="then">How long after its end it is looked at.</param>
    public Task ProlongAsync(long id, TimeSpan lifetime, TimeSpan then, CancellationToken cancellationToken)
    {
        var values = new { Id = id, Lifetime = (long)lifetime.TotalMilliseconds, Then = (long)then.TotalMilliseconds, _clock.Now };
        return _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(_prolong, values), cancellationToken);
    }

    /// <summary>Counts a grant no longer among those that are open.</summary>
    public Task SettleAsync(long id, CancellationToken cancellationToken) => _database.WriteAsync(
        WriteScope.Statement, session => session.ExecuteAsync(Settled, new { Id = id }), cancellationToken);

    /// <summary>Forgets a grant that was taken; unless somebody wants it looked at, or has prolonged it, since then.</summary>
    public Task RemoveAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        var values = new { grant.Id, ExpiresAt = grant.ExpiresAt.ToUnixTimeMilliseconds(), _clock.Now };
        return _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(_remove, values), cancellationToken);
    }

    /// <summary>Remembers when the object of a record was written that needs no more putting right.</summary>
    public Task MendedAsync(long imageId, DateTimeOffset? writtenAt, CancellationToken cancellationToken) => _database.WriteAsync(
        WriteScope.Statement, session => session.ExecuteAsync(Mended, new { Id = imageId, ObjectTime = writtenAt?.ToUnixTimeSeconds() }), cancellationToken);

    /// <summary>The paths of all grants that a key may be one of: its own, and every folder above it.</summary>
    internal static IEnumerable<string> PathsOver(string path) =>
        Enumerable.Range(1, path.Length - 1).Where(at => path[at - 1] == '/').Select(at => path[..at]).Append(path);

    private static UploadGrant? One(IReadOnlyList<GrantRow> rows) => rows is [var row] ? row.Read() : null;
}

namespace OssProxy.Core.Records;

/// <summary>What one owner may store in one class on one day; null means any amount.</summary>
/// <param name="Owner">Whose files; empty for everybody who is not known.</param>
/// <param name="ClassId">The class that they go to.</param>
/// <param name="Day">The day as a number, <c>yyyyMMdd</c>, by the deployment's calendar.</param>
public sealed record DailyUsage(string Owner, long ClassId, int Day, long? MaxFiles, long? MaxBytes)
{
    /// <summary>When the day ends; null where nobody has said.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    // One row for each owner, class and day: added to and looked at in one statement, so that uploads that finish at once cannot both be the last.
    private const string Add = """
        INSERT INTO upload_usage (owner, image_class_id, day, files, bytes) VALUES (@Owner, @ClassId, @Day, @Files, @Bytes)
        ON CONFLICT (owner, image_class_id, day)
        DO UPDATE SET files = upload_usage.files + excluded.files, bytes = upload_usage.bytes + excluded.bytes
        RETURNING CASE WHEN files > @MaxFiles OR bytes > @MaxBytes THEN 0 WHEN files > @Files THEN 1 ELSE 2 END
        """;

    private const int TooMuch = 0;
    private const int FirstOfDay = 2;

    // With the first row of a day: the last day before stays, because an upload that began then may end today.
    private const string Forget = """
        DELETE FROM upload_usage
        WHERE owner = @Owner AND image_class_id = @ClassId
            AND day < (SELECT max(day) FROM upload_usage WHERE owner = @Owner AND image_class_id = @ClassId AND day < @Day)
        """;

    private const string Read = """
        SELECT count(*) FROM upload_usage
        WHERE owner = @Owner AND image_class_id = @ClassId AND day = @Day AND (files >= @MaxFiles OR bytes >= @MaxBytes)
        """;

    /// <summary>Within a transaction: counts what is being stored, and forgets days that are over.</summary>
    /// <param name="files">None where an image has grown.</param>
    /// <exception cref="RecordsException"><see cref="RecordsError.DailyLimitReached"/>: it is too much, and the transaction must end.</exception>
    internal async Task CountAsync(RecordsSession session, int files, long bytes)
    {
        var values = new
        {
            Owner,
            ClassId,
            Day,
            Files = (long)files,
            Bytes = bytes,
            MaxFiles = MaxFiles ?? long.MaxValue,
            MaxBytes = MaxBytes ?? long.MaxValue,
        };
        var counted = await session.ScalarAsync<int>(Add, values);
        if (counted == TooMuch)
            throw Reached();
        if (counted == FirstOfDay)
            await session.ExecuteAsync(Forget, new { Owner, ClassId, Day });
    }

    /// <summary>Refuses when nothing more can be stored today, as things stand; what is stored is counted when it is finished.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.DailyLimitReached"/>.</exception>
    public async Task RequireRoomAsync(RecordsDatabase database, CancellationToken cancellationToken)
    {
        var values = new { Owner, ClassId, Day, MaxFiles = MaxFiles ?? long.MaxValue, MaxBytes = MaxBytes ?? long.MaxValue };
        if (await database.ReadAsync(session => session.ScalarAsync<long>(Read, values), cancellationToken) > 0)
            throw Reached();
    }

    internal RecordsException Reached() =>
        new(RecordsError.DailyLimitReached, $"The owner has used up what class {ClassId} allows on {Day}.") { RetryAt = EndsAt };
}

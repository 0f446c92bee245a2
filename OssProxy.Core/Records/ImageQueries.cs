using System.Text;
using System.Text.Json;

namespace OssProxy.Core.Records;

/// <summary>The reading half of <see cref="ImageLibrary"/>: what a query asks, in SQL. Only what is asked for stands in the text, so that each
/// kind of question gets a plan of its own; there are a few dozen such texts in all.</summary>
internal sealed class ImageQueries(SqlDialect dialect)
{
    private const string Select = """
        SELECT id, image_class_id AS ClassId, path, name, url, "order", status, create_time AS CreatedAt, update_time AS UpdatedAt,
            storage, bucket, size, media_type AS MediaType, crc64, sha256, width, height, original_name AS OriginalName, owner,
            created_by AS CreatedBy, deleted_at AS DeletedAt,
            grant_id AS GrantId, object_time AS ObjectTime, main_color AS MainColor
        FROM image
        """;

    private readonly SqlWords _words = SqlWords.Of(dialect);

    private readonly string _ofPath = SqlWords.Of(dialect).InBytes($$"""
        {{Select}}
        WHERE path {bytes} = @Path AND storage = @Store AND bucket = @Bucket AND state = 'stored'
        ORDER BY deleted_at IS NOT NULL, id LIMIT 1
        """);

    /// <summary>One page and how many rows there are in all. Two statements: between them a row may come or go.</summary>
    public async Task<ImagePage> PageAsync(RecordsSession session, ImageQuery query, int page, int limit)
    {
        var values = Values(query, skip: (page - 1L) * limit, limit: limit);
        var where = Where(query);
        var total = await session.ScalarAsync<long>($"SELECT count(*) FROM image WHERE {where}", values);
        var direction = query.Descending ? "DESC" : "ASC";
        var order = query.ByOrder ? $"\"order\" {direction}, id {direction}" : $"id {direction}";
        var rows = await session.QueryAsync<ImageRow>($"{Select} WHERE {where} ORDER BY {order} LIMIT @Limit OFFSET @Skip", values);
        return new ImagePage([.. rows.Select(row => row.Read())], total);
    }

    /// <summary>The next rows behind an id.</summary>
    public async Task<IReadOnlyList<ImageRecord>> BehindAsync(RecordsSession session, ImageQuery query, long id, int limit)
    {
        var values = Values(query, after: id, limit: limit);
        var rows = await session.QueryAsync<ImageRow>($"{Select} WHERE {Where(query)} AND id > @After ORDER BY id LIMIT @Limit", values);
        return [.. rows.Select(row => row.Read())];
    }

    /// <summary>Those of the ids that are stored and not deleted.</summary>
    public async Task<IReadOnlyList<ImageRecord>> FindAsync(RecordsSession session, IReadOnlyList<long> ids)
    {
        var rows = await session.QueryAsync<ImageRow>(
            $"{Select} WHERE id IN {_words.Ids} AND state = 'stored' AND deleted_at IS NULL ORDER BY id", new { Ids = JsonSerializer.Serialize(ids) });
        return [.. rows.Select(row => row.Read())];
    }

    /// <summary>The stored row of an object, deleted or not: one that is there before one that is deleted; null for none.</summary>
    public async Task<ImageRecord?> OfPathAsync(RecordsSession session, string store, string bucket, string path)
    {
        var rows = await session.QueryAsync<ImageRow>(_ofPath, new { Store = store, Bucket = bucket, Path = path });
        return rows is [var row, ..] ? row.Read() : null;
    }

    private string Where(ImageQuery query)
    {
        var where = new StringBuilder("state = 'stored' AND deleted_at IS ").Append(query.Deleted ? "NOT NULL" : "NULL");
        if (query.ClassId is not null)
            where.Append(" AND image_class_id = @ClassId");
        if (!string.IsNullOrEmpty(query.Keyword))
        {
            var (name, original) = (_words.Folding("name"), _words.Folding("original_name"));
            where.Append(@" AND (").Append(name).Append(@" LIKE @Pattern ESCAPE '\' OR ").Append(original).Append(@" LIKE @Pattern ESCAPE '\')");
        }

        if (query.Owner is not null)
            where.Append(query.Owner.Length > 0 ? " AND owner = @Owner AND owner <> ''" : " AND owner = @Owner");
        if (query.From is not null)
            where.Append(" AND create_time >= @From");
        if (query.Until is not null)
            where.Append(" AND create_time < @Until");
        return where.ToString();
    }

    private static object Values(ImageQuery query, long after = 0, long skip = 0, long limit = 0) => new
    {
        query.ClassId,
        Pattern = $"%{Escaped(query.Keyword ?? "")}%",
        Owner = StorableText.Of(query.Owner),
        From = query.From?.ToUnixTimeMilliseconds(),
        Until = query.Until?.ToUnixTimeMilliseconds(),
        After = after,
        Skip = skip,
        Limit = limit,
    };

    // Lower case for ASCII alone, see SqlWords.Folding.
    private static string Escaped(string keyword) =>
        string.Concat(StorableText.Of(keyword)!.Select(letter => letter is '%' or '_' or '\\' ? $"\\{letter}" : Lower(letter).ToString()));

    private static char Lower(char letter) => char.IsAsciiLetterUpper(letter) ? (char)(letter | 0x20) : letter;

    // The databases give integers in different widths; properties, unlike a constructor, take either.
    private sealed class ImageRow
    {
        public long Id { get; init; }
        public long ClassId { get; init; }
        public string Path { get; init; } = "";
        public string Name { get; init; } = "";
        public string Url { get; init; } = "";
        public int Order { get; init; }
        public int Status { get; init; }
        public long CreatedAt { get; init; }
        public long UpdatedAt { get; init; }
        public string Storage { get; init; } = "";
        public string Bucket { get; init; } = "";
        public long? Size { get; init; }
        public string MediaType { get; init; } = "";
        public string? Crc64 { get; init; }
        public string? Sha256 { get; init; }
        public int? Width { get; init; }
        public int? Height { get; init; }
        public string? OriginalName { get; init; }
        public string Owner { get; init; } = "";
        public string CreatedBy { get; init; } = "";
        public long? DeletedAt { get; init; }
        public long? GrantId { get; init; }
        public long? ObjectTime { get; init; }
        public string? MainColor { get; init; }

        public ImageRecord Read() => new(
            Id, ClassId, Path, Name, Url, Order, Status != 0, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt), Storage, Bucket, Size, MediaType, Crc64, Sha256, Width, Height, OriginalName,
            Owner, CreatedBy, DeletedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null)
        {
            GrantId = GrantId,
            MainColor = MainColor,
            WrittenAt = ObjectTime is { } written ? DateTimeOffset.FromUnixTimeSeconds(written) : null,
        };
    }
}

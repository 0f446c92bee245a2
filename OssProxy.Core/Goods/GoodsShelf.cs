using System.Text.Json;
using OssProxy.Core.Records;

namespace OssProxy.Core.Goods;

/// <summary>Goods as they were published.</summary>
/// <param name="Fields">What their publisher said of them: an object of texts, numbers and flags, as JSON.</param>
/// <param name="Images">Those that are there, in the publisher's order.</param>
public sealed record PublishedGoods(long Id, string Owner, string Fields, DateTimeOffset CreatedAt, IReadOnlyList<ImageRecord> Images);

/// <summary>One page of goods.</summary>
/// <param name="Total">How many there are in all.</param>
public sealed record GoodsPage(IReadOnlyList<PublishedGoods> Goods, long Total);

/// <summary>
/// What users have published. The goods name records, not URLs: an image that is deleted is shown no more, one that is restored is shown again,
/// and goods may be left with none. Reading costs two statements beside that of the goods, however many they are.
/// </summary>
public sealed class GoodsShelf
{
    private const string Columns = "SELECT id, owner, fields, create_time AS CreatedAt FROM goods";

    private const string Insert = "INSERT INTO goods (owner, fields, create_time) VALUES (@Owner, @Fields, @Now) RETURNING id";

    private const string InsertImage = "INSERT INTO goods_image (goods_id, place, image_id) VALUES (@GoodsId, @Place, @ImageId)";

    private const string Remove = "DELETE FROM goods WHERE id = @Id AND (owner = @Owner OR @Any = 1)";

    private const string RemoveImages = "DELETE FROM goods_image WHERE goods_id = @Id";

    private readonly RecordsDatabase _database;
    private readonly TimeProvider _time;
    private readonly ImageQueries _queries;
    private readonly string _places;

    public GoodsShelf(RecordsDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _queries = new ImageQueries(database.Dialect);
        _places = $"""
            SELECT goods_id AS GoodsId, image_id AS ImageId FROM goods_image
            WHERE goods_id IN {SqlWords.Of(database.Dialect).Ids} ORDER BY goods_id, place
            """;
    }

    /// <summary>Publishes goods with their images, in this order, at once or not at all.</summary>
    public Task<PublishedGoods> AddAsync(string owner, string fields, IReadOnlyList<ImageRecord> images, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
        var values = new { Owner = StorableText.Of(owner), Fields = fields, Now = now.ToUnixTimeMilliseconds() };
        return _database.WriteAsync(WriteScope.Transaction, async session =>
        {
            var id = await session.ScalarAsync<long>(Insert, values);
            for (var place = 0; place < images.Count; place++)
                await session.ExecuteAsync(InsertImage, new { GoodsId = id, Place = place, ImageId = images[place].Id });
            return new PublishedGoods(id, owner, fields, now, images);
        }, cancellationToken);
    }

    /// <summary>One page, the newest first; <paramref name="page"/> counts from 1.</summary>
    /// <param name="owner">Whose; null for everybody's.</param>
    public Task<GoodsPage> ListAsync(string? owner, int page, int limit, CancellationToken cancellationToken)
    {
        var where = owner is null ? "" : " WHERE owner = @Owner";
        var values = new { Owner = StorableText.Of(owner), Limit = (long)limit, Skip = (page - 1L) * limit };
        return _database.ReadAsync(async session =>
        {
            var total = await session.ScalarAsync<long>("SELECT count(*) FROM goods" + where, values);
            var rows = await session.QueryAsync<GoodsRow>($"{Columns}{where} ORDER BY id DESC LIMIT @Limit OFFSET @Skip", values);
            return new GoodsPage(await WithImagesAsync(session, rows), total);
        }, cancellationToken);
    }

    /// <summary>The goods with an id; null when there are none.</summary>
    public Task<PublishedGoods?> FindAsync(long id, CancellationToken cancellationToken) => _database.ReadAsync(async session =>
    {
        var rows = await session.QueryAsync<GoodsRow>(Columns + " WHERE id = @Id", new { Id = id });
        return (await WithImagesAsync(session, rows)).SingleOrDefault();
    }, cancellationToken);

    /// <summary>Takes goods down; false when there are none, or none of this owner. Their images stay.</summary>
    /// <param name="anybodys">Whether it does not matter whose they are.</param>
    public Task<bool> RemoveAsync(long id, string owner, bool anybodys, CancellationToken cancellationToken)
    {
        var values = new { Id = id, Owner = StorableText.Of(owner), Any = anybodys ? 1 : 0 };
        return _database.WriteAsync(WriteScope.Transaction, async session =>
        {
            if (await session.ExecuteAsync(Remove, values) == 0)
                return false;
            await session.ExecuteAsync(RemoveImages, new { Id = id });
            return true;
        }, cancellationToken);
    }

    private async Task<IReadOnlyList<PublishedGoods>> WithImagesAsync(RecordsSession session, IReadOnlyList<GoodsRow> rows)
    {
        if (rows.Count == 0)
            return [];
        var places = await session.QueryAsync<ImagePlace>(_places, new { Ids = JsonSerializer.Serialize(rows.Select(row => row.Id)) });
        var found = await _queries.FindAsync(session, [.. places.Select(place => place.ImageId).Distinct()]);
        var images = found.ToDictionary(image => image.Id);
        var shown = places.Where(place => images.ContainsKey(place.ImageId)).ToLookup(place => place.GoodsId, place => images[place.ImageId]);
        return [.. rows.Select(row => new PublishedGoods(
            row.Id, row.Owner, row.Fields, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), [.. shown[row.Id]]))];
    }

    private sealed class GoodsRow
    {
        public long Id { get; init; }
        public string Owner { get; init; } = "";
        public string Fields { get; init; } = "";
        public long CreatedAt { get; init; }
    }

    private sealed class ImagePlace
    {
        public long GoodsId { get; init; }
        public long ImageId { get; init; }
    }
}

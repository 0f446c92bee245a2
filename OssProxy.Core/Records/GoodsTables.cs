namespace OssProxy.Core.Records;

/// <summary>The fifth step of the schema: what users have published, and which images it shows in which order. An image may go before the
/// goods that show it; its number is never given again, so a row that names it leads nowhere and does no harm.</summary>
internal static class GoodsTables
{
    /// <summary>With <c>{id}</c> for a number that is given out once.</summary>
    public const string Both = """
        CREATE TABLE goods ({id},
            owner text NOT NULL,
            fields text NOT NULL,
            create_time bigint NOT NULL
        );
        CREATE INDEX goods_owner ON goods (owner, id);
        CREATE TABLE goods_image (
            goods_id bigint NOT NULL,
            place integer NOT NULL,
            image_id bigint NOT NULL,
            PRIMARY KEY (goods_id, place)
        );
        """;
}

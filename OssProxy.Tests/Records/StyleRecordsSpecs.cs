using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class SqliteStyleRecordsSpecs() : StyleRecordsSpecs(new SqlitePlace());

[Collection(PostgresCollection.Name)]
public sealed class PostgresStyleRecordsSpecs(PostgresServer server) : StyleRecordsSpecs(new PostgresPlace(server));

/// <summary>Styles in the database, and what nodes believe of them.</summary>
public abstract class StyleRecordsSpecs(DatabasePlace place) : IAsyncLifetime
{
    private const string Small = "image/resize,w_1";

    private CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    private Clock Clock { get; } = new();

    public Task InitializeAsync() => place.PrepareAsync(Deadline);

    public async Task DisposeAsync() => await place.DisposeAsync();

    [Fact]
    public async Task A_style_is_kept_replaced_and_removed()
    {
        var styles = new StyleRecords(await OpenAsync(), Clock);

        (await styles.PutAsync("b", Small, "webp", 3, Deadline)).Should().Be(StylePut.Created);
        (await styles.PutAsync("B", Small, "", 3, Deadline)).Should().Be(StylePut.Created);
        Clock.Advance(TimeSpan.FromMinutes(1));
        (await styles.PutAsync("b", Small, "avif", 3, Deadline)).Should().Be(StylePut.Replaced);
        (await styles.PutAsync("b", Small, "avif", 3, Deadline)).Should().Be(StylePut.Unchanged);

        var all = await styles.AllAsync(Deadline);
        all.Select(row => $"{row.Name} {row.Content} {row.Accept}").Should().Equal($"B {Small} ", $"b {Small} avif");
        (all[1].UpdatedAt - all[1].CreatedAt).Should().Be(TimeSpan.FromMinutes(1));
        (await styles.RemoveAsync("b", Deadline)).Should().BeTrue();
        (await styles.RemoveAsync("b", Deadline)).Should().BeFalse();
    }

    [Fact]
    public async Task There_are_never_more_than_there_may_be_however_many_come_at_once()
    {
        var styles = new StyleRecords(await OpenAsync(), Clock);

        var puts = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => styles.PutAsync($"style-{i}", Small, "", 5, Deadline)));

        puts.Count(put => put == StylePut.Created).Should().Be(5);
        puts.Count(put => put == StylePut.TooMany).Should().Be(7);
        (await styles.AllAsync(Deadline)).Should().HaveCount(5);
    }

    [Fact]
    public async Task What_one_node_changes_the_others_know_after_two_seconds()
    {
        var database = await OpenAsync();
        var (here, there) = (Styles(database), Styles(database));
        (await there.FindAsync("card", Deadline)).Should().BeNull();

        ImageStyle.TryParse("card", Small, "", out var style, out _).Should().BeTrue();
        await here.PutAsync(style!, Deadline);

        (await here.FindAsync("card", Deadline)).Should().NotBeNull();
        (await there.FindAsync("card", Deadline)).Should().BeNull();
        Clock.Advance(TimeSpan.FromSeconds(2));
        (await there.FindAsync("card", Deadline)).Should().NotBeNull();
    }

    [Fact]
    public async Task Styles_that_are_known_go_on_while_the_database_cannot_be_reached_and_unreadable_ones_are_none()
    {
        var database = await OpenAsync();
        var records = new StyleRecords(database, Clock);
        await records.PutAsync("card", Small, "", 50, Deadline);
        await records.PutAsync("later", "image/of-another-version,x_1", "", 50, Deadline);
        var styles = Styles(database);
        (await styles.FindAsync("card", Deadline)).Should().NotBeNull();
        (await styles.FindAsync("later", Deadline)).Should().BeNull();
        (await styles.AllAsync(Deadline)).Select(style => style.Name.Value).Should().Equal("card");

        await database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync("DROP TABLE image_style"), Deadline);
        Clock.Advance(TimeSpan.FromSeconds(3));

        (await styles.FindAsync("card", Deadline)).Should().NotBeNull();
        ImageStyle.TryParse("other", Small, "", out var other, out _).Should().BeTrue();
        await FluentActions.Awaiting(() => styles.PutAsync(other!, Deadline)).Should().ThrowAsync<RecordsException>();
        (await styles.FindAsync("card", Deadline)).Should().NotBeNull("a change that failed has changed nothing");
        await FluentActions.Awaiting(async () => await Styles(database).FindAsync("card", Deadline)).Should().ThrowAsync<RecordsException>();
    }

    private async Task<RecordsDatabase> OpenAsync()
    {
        var database = place.Open();
        await database.StartAsync(Deadline);
        return database;
    }

    private ImageStyles Styles(RecordsDatabase database) =>
        new(Options.Create(new ImageOptions()), Clock, NullLogger<ImageStyles>.Instance, new StyleRecords(database, Clock));
}

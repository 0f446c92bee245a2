using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Api.Uploads;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

/// <summary>Limits that hold over all nodes of one PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
public sealed class SharedRateSpecs(PostgresServer server) : SharedRateBed(server)
{
    private static readonly RateVisitor Guest = new("");

    [Fact]
    public async Task Two_nodes_together_let_in_as_many_requests_as_the_limit_says()
    {
        await StartAsync(("Rates:AddressRequestsPerMinute", "20"));
        await WithoutTurnAsync("address:127.0.0.1");

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async turn =>
        {
            using var response = await Node(turn).Client.PostAsync(RateVisitor.Door, new ByteArrayContent([]));
            return response.StatusCode;
        }));

        answers.Count(status => status == HttpStatusCode.BadRequest).Should().Be(20, "these were let in, with nothing that could be stored");
        answers.Count(status => status == HttpStatusCode.TooManyRequests).Should().Be(40);
        await Guest.ShouldBeRefusedAsync(First, "TooManyRequests", 120);
    }

    [Fact]
    public async Task Fifty_uploads_at_once_over_two_nodes_get_the_five_places_that_there_are()
    {
        await StartAsync(("Rates:OpenUploads", "5"), ("Rates:AddressOpenUploads", "100"));
        var machine = await RateVisitor.MachineAsync(First);
        // Long enough between a look and its commit for all others to look, too.
        await Database.RunAsync("""
            CREATE FUNCTION hesitate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END';
            CREATE TRIGGER hesitate BEFORE INSERT ON upload_place FOR EACH ROW EXECUTE FUNCTION hesitate();
            """);

        var announced = await Task.WhenAll(Enumerable.Range(0, 50).Select(turn => machine.AnnounceAsync(Node(turn))));

        var open = announced.Where(one => one.Word.StartsWith("HTTP/1.1 100", StringComparison.Ordinal)).Select(one => one.Connection).ToList();
        open.Should().HaveCount(5);
        announced.Count(one => one.Word.Contains("TooManyOpenUploads", StringComparison.Ordinal)).Should().Be(45);
        (await PlacesAsync()).Should().Be(10, "five of the caller's and five of the address's");
        (await Task.WhenAll(open.Select(RateVisitor.SendAsync))).Should().OnlyContain(answer => answer.StartsWith("HTTP/1.1 200"));
        foreach (var (connection, _) in announced)
            connection.Dispose();
        (await PlacesAsync()).Should().Be(0);
        (await machine.UploadAsync(Node(1))).Should().Be(HttpStatusCode.OK);
        (await StoredAsync()).Should().Be(6);
    }

    [Fact]
    public async Task Fifty_uploads_at_once_over_two_nodes_store_the_ten_that_a_day_allows()
    {
        await StartAsync();
        var machine = await RateVisitor.MachineAsync(First);
        var classes = First.Services.GetRequiredService<ImageClasses>();
        var id = (await classes.CreateAsync(new ClassDraft { Name = "few" }, Database.Deadline)).Id;
        await classes.SetPolicyAsync(id, """{"files_per_day":10}""", Database.Deadline);
        var door = $"{RateVisitor.Door}?imageClassId={id}";

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(turn => machine.UploadAsync(Node(turn), door)));

        answers.Count(status => status == HttpStatusCode.OK).Should().Be(10);
        answers.Count(status => status == HttpStatusCode.TooManyRequests).Should().Be(40);
        (await StoredAsync()).Should().Be(10);
        await Eventually.TrueAsync(
            async () => (await First.ObjectsAsync()).Count == 10 && await Database.CountAsync("SELECT count(*) FROM image") == 10, "the rest is undone");
        await machine.ShouldBeRefusedAsync(Node(1), "DailyLimitReached", 24 * 60 * 60, door);
    }

    [Fact]
    public async Task Places_of_a_node_that_was_killed_come_free_by_themselves()
    {
        await StartAsync(("Rates:GuestOpenUploads", "1"));
        using var killed = Places();
        (await killed.TryEnterAsync([new UploadShare("guests:127.0.0.1", 1)], Database.Deadline)).Should().NotBeNull();
        await Guest.ShouldBeRefusedAsync(First, "TooManyOpenUploads", 1);

        await PassAsync(SharedUploadPlaces.Duration);

        (await Guest.UploadAsync(First)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_waits_for_a_place_of_their_own_holds_none_of_the_nodes_and_a_full_node_takes_none_in_the_database()
    {
        await StartAsync(("Rates:OpenUploads", "5"), ("Uploads:MaxOpen", "1"));
        var machine = await RateVisitor.MachineAsync(First);
        Task<HttpStatusCode>? waiting = null;
        await WhileLockedAsync(async () =>
        {
            waiting = machine.UploadAsync(First);
            await Eventually.TrueAsync(
                async () => await Database.CountAsync(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO upload_place%'") > 0,
                "it waits");
            First.Services.GetRequiredService<OpenUploads>().Count.Should().Be(0);
        });
        (await waiting!).Should().Be(HttpStatusCode.OK);

        var (open, _) = await machine.AnnounceAsync(First);
        using (open)
        {
            await WhileLockedAsync(async () =>
                (await machine.UploadAsync(First).WaitAsync(TimeSpan.FromSeconds(10))).Should().Be(HttpStatusCode.ServiceUnavailable));
        }

        // Nobody takes a place meanwhile.
        Task<int> WhileLockedAsync(Func<Task> work) => Database.Database.WriteAsync(
            WriteScope.Transaction,
            async session =>
            {
                await session.ExecuteAsync("LOCK TABLE upload_place IN EXCLUSIVE MODE");
                await work();
                return 0;
            },
            Database.Deadline);
    }

    [Fact]
    public async Task A_long_upload_keeps_its_place_and_one_that_has_ended_does_not()
    {
        using var places = Places();
        var share = new UploadShare("caller:user:7", 2);
        await places.StartAsync(Database.Deadline);
        var ended = await places.TryEnterAsync([share], Database.Deadline);
        (await places.TryEnterAsync([share], Database.Deadline)).Should().NotBeNull();
        await ended!.DisposeAsync();
        await PassAsync(SharedUploadPlaces.Duration - TimeSpan.FromSeconds(5));

        await Eventually.TrueAsync(() => Task.FromResult(Database.Clock.Armed == 1), "it waits for its turn");
        Database.Clock.Advance(SharedUploadPlaces.Duration / 3);

        await Eventually.TrueAsync(async () => await SecondsLeftAsync() > 50, "it is prolonged");
        (await PlacesAsync()).Should().Be(1);
        await places.StopAsync(Database.Deadline).WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("Rates:AddressRequestsPerMinute", "rate_count")]
    [InlineData("Rates:OpenUploads", "upload_place")]
    public async Task A_database_that_cannot_count_lets_nobody_in(string setting, string table)
    {
        await StartAsync((setting, "100"));
        var machine = await RateVisitor.MachineAsync(First);
        await Database.RunAsync($"ALTER TABLE {table} RENAME TO away");

        var (connection, word) = await machine.AnnounceAsync(First);
        connection.Dispose();

        word.Should().StartWith("HTTP/1.1 503").And.Contain("RecordsUnavailable").And.Contain("Retry-After: 5\r\n").And.NotContain("100 Continue");
        (await Database.ImagesAsync()).Should().Be(0);
        await Database.RunAsync($"ALTER TABLE away RENAME TO {table}");
        (await machine.UploadAsync(First)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_place_that_cannot_be_given_back_takes_nothing_from_an_upload_that_has_succeeded()
    {
        await StartAsync(("Rates:GuestOpenUploads", "1"));
        var (connection, _) = await Guest.AnnounceAsync(First);
        using (connection)
        {
            await Database.RunAsync("ALTER TABLE upload_place RENAME TO away");

            (await RateVisitor.SendAsync(connection)).Should().StartWith("HTTP/1.1 200");
        }

        await Database.RunAsync("ALTER TABLE away RENAME TO upload_place");
        await Guest.ShouldBeRefusedAsync(Node(1), "TooManyOpenUploads", 1);
        await PassAsync(SharedUploadPlaces.Duration);
        (await Guest.UploadAsync(Node(1))).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_answer_does_not_wait_for_a_place_that_takes_long_to_give_back()
    {
        using var places = Places();
        var place = await places.TryEnterAsync([new UploadShare("caller:user:7", 1)], Database.Deadline);
        Task leaving = Task.CompletedTask;
        await Database.Database.WriteAsync(
            WriteScope.Transaction,
            async session =>
            {
                await session.QueryAsync<Guid>("SELECT id FROM upload_place FOR UPDATE");
                leaving = place!.DisposeAsync().AsTask();
                await Eventually.TrueAsync(() => Task.FromResult(Database.Clock.Armed == 1), "it waits");
                leaving.IsCompleted.Should().BeFalse();
                Database.Clock.Advance(TimeSpan.FromSeconds(1));
                await leaving.WaitAsync(TimeSpan.FromSeconds(10));
                return 0;
            },
            Database.Deadline);

        await Eventually.TrueAsync(async () => await PlacesAsync() == 0, "it is given back all the same");
    }

    [Fact]
    public async Task Prolonging_waits_for_no_place_that_somebody_has_in_hand()
    {
        using var places = Places();
        await places.StartAsync(Database.Deadline);
        await places.TryEnterAsync([new UploadShare("caller:held", 1)], Database.Deadline);
        await places.TryEnterAsync([new UploadShare("caller:free", 1)], Database.Deadline);
        await PassAsync(SharedUploadPlaces.Duration - TimeSpan.FromSeconds(5));
        await Database.Database.WriteAsync(
            WriteScope.Transaction,
            async session =>
            {
                await session.QueryAsync<Guid>("SELECT id FROM upload_place WHERE subject = 'caller:held' FOR UPDATE");
                await Eventually.TrueAsync(() => Task.FromResult(Database.Clock.Armed == 1), "it waits for its turn");
                Database.Clock.Advance(SharedUploadPlaces.Duration / 3);
                await Eventually.TrueAsync(async () => await Database.TextAsync("""
                    SELECT string_agg(subject, ',') FROM upload_place
                    WHERE expires_at > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + 50000
                    """) == "caller:free", "the other is prolonged");
                return 0;
            },
            Database.Deadline);
        await places.StopAsync(Database.Deadline).WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Who_has_used_up_a_minute_costs_no_statement_until_it_ends()
    {
        await Database.RunAsync(
            "INSERT INTO rate_count VALUES ('one', floor(extract(epoch FROM clock_timestamp()) / 60)::bigint + 1, 4)");
        var counts = new SharedRequestCounts(Database.Database, Database.Clock);
        (await CountAsync(counts)).Should().BeNull();
        (await CountAsync(counts)).Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(2));

        await Database.RunAsync("UPDATE rate_count SET minute = minute - 2");
        (await CountAsync(counts)).Should().BePositive("it is not asked");
        Database.Clock.Advance(TimeSpan.FromMinutes(2));

        (await CountAsync(counts)).Should().BeNull("the minute is another");
        (await Database.TextAsync("SELECT concat(subject, ' ', count) FROM rate_count")).Should().Be("one 1");
    }

    [Fact]
    public async Task A_count_of_a_clock_that_was_set_back_is_no_ones_limit()
    {
        await Database.RunAsync(
            "INSERT INTO rate_count VALUES ('one', floor(extract(epoch FROM clock_timestamp()) / 60)::bigint + 60, 1000)");

        (await CountAsync(new SharedRequestCounts(Database.Database, Database.Clock))).Should().BeNull();
    }

    private ValueTask<TimeSpan?> CountAsync(SharedRequestCounts counts) => counts.CountAsync("one", 5, Database.Deadline);

    private SharedUploadPlaces Places() => new(Database.Database, Database.Clock, NullLogger<SharedUploadPlaces>.Instance);

    private Task<int> PassAsync(TimeSpan time) =>
        Database.RunAsync("UPDATE upload_place SET expires_at = expires_at - @Time", new { Time = (long)time.TotalMilliseconds });

    private Task<long> SecondsLeftAsync() => Database.CountAsync(
        "SELECT coalesce(min(expires_at) - floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, 0) / 1000 FROM upload_place");
}

using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class RecordsOptionsSpecs
{
    [Theory]
    [InlineData("sqlite", null)]
    [InlineData("SQLite", "")]
    [InlineData("sqlite", "Data Source=/var/lib/ossproxy/records.db")]
    [InlineData("postgres", "Host=db;Database=ossproxy;Username=u;Password=p")]
    [InlineData("none", null)]
    [InlineData("None", "")]
    public void A_usable_section_passes(string provider, string? connectionString) =>
        Validate(provider, connectionString).Succeeded.Should().BeTrue();

    [Theory]
    [InlineData("mysql", "Host=db", "Records:Provider")]
    [InlineData("", null, "Records:Provider")]
    [InlineData("postgres", null, "Records:ConnectionString")]
    [InlineData("postgres", "Database=secret-db", "Records:ConnectionString")]
    [InlineData("postgres", "Data Source=x;Nonsense=secret-1", "Records:ConnectionString")]
    [InlineData("postgres", "secret", "Records:ConnectionString")]
    [InlineData("postgres", "Host=db;Port=secret", "Records:ConnectionString")]
    [InlineData("sqlite", "Host=secret", "Records:ConnectionString")]
    [InlineData("sqlite", "Data Source=:memory:", "Records:ConnectionString")]
    [InlineData("sqlite", "Data Source=x;Mode=Memory", "Records:ConnectionString")]
    [InlineData("sqlite", "Mode=ReadOnly", "Records:ConnectionString")]
    public void A_section_that_cannot_work_is_refused_by_its_key_and_without_its_value(string provider, string? connectionString, string key)
    {
        var result = Validate(provider, connectionString);

        result.Failed.Should().BeTrue();
        result.FailureMessage.Should().StartWith(key).And.NotContain("secret");
    }

    [Fact]
    public void An_empty_data_folder_is_refused_by_its_key() =>
        new DataOptionsValidator().Validate(null, new DataOptions { Folder = " " }).FailureMessage.Should().StartWith("Data:Folder");

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(string provider, string? connectionString) =>
        new RecordsOptionsValidator().Validate(null, new RecordsOptions { Provider = provider, ConnectionString = connectionString });
}

using Microsoft.Extensions.Options;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;
using OssProxy.Core.Uploads;
using OssProxy.Tests.Oss;

namespace OssProxy.Tests.Uploads;

/// <summary>What may be set about the transfers, and what follows for the largest file.</summary>
public sealed class TransferSettingSpecs(EmulatedStore oss) : IClassFixture<EmulatedStore>
{
    private const long FiveTB = 5L << 40;

    public static TheoryData<string, Action<UploadOptions>> Wrong => new()
    {
        { "Uploads:Transfer", options => options.Transfer = "multipart" },
        { "Uploads:BufferBytes", options => options.BufferBytes = (8 << 20) - 1 },
        { "Uploads:BufferBytes", options => options.BufferBytes = (16L << 30) + 1 },
        { "Uploads:ReplayBytes", options => options.ReplayBytes = 65_535 },
        { "Uploads:ReplayBytes", options => options.ReplayBytes = (8 << 20) + 1 },
        { "Uploads:PartThreshold", options => options.PartThreshold = (1 << 20) - 1 },
        { "Uploads:PartThreshold", options => options.PartThreshold = (5L << 30) + 1 },
        { "Uploads:PartBytes", options => options.PartBytes = (1 << 20) - 1 },
        { "Uploads:PartBytes", options => options.PartBytes = (512 << 20) + 1 },
        { "Uploads:PartsInFlight", options => options.PartsInFlight = 0 },
        { "Uploads:PartsInFlight", options => options.PartsInFlight = 17 },
        { "Uploads:TempReserveBytes", options => options.TempReserveBytes = -1 },
        { "Uploads:TempReserveBytes", options => options.TempReserveBytes = (1L << 40) + 1 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_setting_out_of_its_range_is_named(string key, Action<UploadOptions> change)
    {
        var options = new UploadOptions();
        change(options);

        new UploadOptionsValidator().Validate(null, options).Failures.Should().ContainSingle().Which.Should().StartWith(key + " ");
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("stream")]
    [InlineData("temp")]
    [InlineData("parts")]
    public void The_ends_of_all_ranges_are_taken(string transfer)
    {
        UploadOptions least = new()
        {
            Transfer = transfer,
            BufferBytes = 8 << 20,
            ReplayBytes = 65_536,
            PartThreshold = 1 << 20,
            PartBytes = 1 << 20,
            PartsInFlight = 1,
            TempReserveBytes = 0,
        };
        UploadOptions most = new()
        {
            Transfer = transfer,
            BufferBytes = 16L << 30,
            ReplayBytes = 2L << 30,
            PartThreshold = 5L << 30,
            PartBytes = 512 << 20,
            PartsInFlight = 16,
            TempReserveBytes = 1L << 40,
        };

        new UploadOptionsValidator().Validate(null, least).Succeeded.Should().BeTrue();
        new UploadOptionsValidator().Validate(null, most).Succeeded.Should().BeTrue();
    }

    [Theory]
    [InlineData("auto", FiveTB)]
    [InlineData("parts", FiveTB)]
    [InlineData("stream", 5L << 30)]
    [InlineData("temp", 5L << 30)]
    public async Task The_largest_file_is_what_the_transfer_can_bring(string transfer, long most)
    {
        var budget = new BufferBudget(BufferBudget.MinBytes);
        var selector = new TransferSelector(
            [
                new AutoTransfer(budget, new PartLimits()), new StreamTransfer(), new PartsTransfer(budget, new PartLimits()),
                new TempTransfer(new SpoolFolder("nowhere", "node"), budget),
            ],
            "auto");
        var policies = new UploadPolicies(
            new ObjectStores(oss.Store, oss.Store), selector, new ObjectNaming(TimeProvider.System, TimeZoneInfo.Utc),
            Options.Create(new UploadOptions { MaxFileBytes = FiveTB }), TimeProvider.System);

        var policy = await policies.ForAsync(policies.MainDoor(1, transfer, new Sender("", "client")), 0, CancellationToken.None);
        policy.MaxFileBytes.Should().Be(most);
    }
}

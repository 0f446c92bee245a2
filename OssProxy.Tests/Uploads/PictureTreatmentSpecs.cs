using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Core.Transfers;
using OssProxy.Core.Uploads;
using OssProxy.Tests.Api;
using OssProxy.Tests.Faults;

namespace OssProxy.Tests.Uploads;

/// <summary>What a class makes of its pictures, with an engine that does as it is told; the real one is tried at the doors.</summary>
public sealed class PictureTreatmentSpecs : IAsyncLifetime
{
    private static readonly byte[] Made = [.. Encoding.ASCII.GetBytes("what the engine has made")];

    private readonly ScriptedStore _store = new();
    private readonly ScriptedRecords _records = new();
    private readonly Clock _clock = new();
    private readonly LogCatcher _heard = new();
    private readonly ScriptedRenderer _engine;
    private readonly NamedStore _named;
    private readonly UploadSettlement _settlement;
    private int _keys;
    private Func<RenderJob, RenderResult> _answer = job => Result("image/jpeg");

    public PictureTreatmentSpecs()
    {
        _engine = new ScriptedRenderer(job => _answer(job)) { Log = LoggerFactory.Create(logging => logging.AddProvider(_heard)).CreateLogger<PictureTreatments>() };
        _named = new NamedStore("oss", _store, new ObjectLinks("https://img.example.com"));
        _settlement = new UploadSettlement(
            _records, new ObjectStores(_named, _named), TimeSpan.FromMinutes(1), _clock, NullLogger<UploadSettlement>.Instance);
    }

    public Task InitializeAsync() => _settlement.StartAsync(CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _settlement.StopAsync(CancellationToken.None);
        _settlement.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public async Task A_picture_is_stored_as_what_was_made_of_it_and_the_record_tells_of_that()
    {
        var receipt = await UploadAsync("""{"image_process":"image/resize,l_2000/format,jpg","sha256":true}""", "photo.png", Png);

        receipt.Should().BeEquivalentTo(new
        {
            Path = "images/1.jpg",
            MediaType = "image/jpeg",
            Length = (long)Made.Length,
            Size = new PictureSize(40, 30),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Made)),
            Name = "photo.png",
        });
        _store.Objects["images/1.jpg"].Should().Equal(Made);
        _engine.Jobs.Should().ContainSingle().Which.Source.ToArray().Should().Equal(Png);
        _engine.Spooled.Should().BeEmpty();
    }

    [Fact]
    public async Task A_picture_that_needs_nothing_goes_on_as_it_came()
    {
        _answer = job => Result("image/jpeg") with { Content = job.Source, Unchanged = true };

        var receipt = await UploadAsync("""{"image_process":"image/auto-orient,1"}""", "photo.jpg", Samples.Photo);

        receipt.Length.Should().Be(Samples.Photo.Length);
        _store.Objects[receipt.Path].Should().Equal(Samples.Photo);
        _engine.Spooled.Should().BeEmpty();
    }

    [Fact]
    public async Task Only_heic_is_touched_where_only_heic_is_to_be_jpeg()
    {
        var photo = await UploadAsync("""{"heic_to_jpeg":true}""", "photo.jpg", Samples.Photo);
        var heic = await UploadAsync("""{"heic_to_jpeg":true,"keep_name":true,"disposition":"attachment"}""", "IMG_1.HEIC", Samples.Read("plain.heic"));

        photo.Length.Should().Be(Samples.Photo.Length);
        heic.Path.Should().EndWith(".jpg");
        _engine.Jobs.Should().ContainSingle().Which.Process.Canonical.Should().Be("image/format,jpg");
        _store.Contents[heic.Path].ContentDisposition.Should().Be("attachment; filename*=UTF-8''IMG_1.jpg");
    }

    [Fact]
    public async Task The_main_colour_is_that_of_what_is_stored()
    {
        _answer = job => job.Process.Canonical == "image/average-hue"
            ? Result("application/json") with { Content = Encoding.ASCII.GetBytes("""{"RGB":"0x5c783b"}""") }
            : Result("image/jpeg");

        var receipt = await UploadAsync("""{"image_process":"image/resize,l_2000","main_color":true}""", "photo.jpg", Samples.Photo);

        receipt.MainColor.Should().Be("#5c783b");
        _engine.Jobs[1].Source.ToArray().Should().Equal(Made);
        _engine.Jobs.Should().OnlyContain(job => job.IsUrgent, "the client has sent everything already");
        _records.Rows.Values.Should().ContainSingle().Which.Upload.MainColor.Should().Be("#5c783b");
    }

    [Fact]
    public async Task What_is_no_picture_is_not_held()
    {
        var receipt = await UploadAsync("""{"image_process":"image/resize,l_2000"}""", "note.txt", "one"u8.ToArray());

        receipt.Length.Should().Be(3);
        _engine.Jobs.Should().BeEmpty();
    }

    [Theory]
    [InlineData(ImageError.ImageDamaged)]
    [InlineData(ImageError.ImageTooLarge)]
    [InlineData(ImageError.EngineMissing)]
    [InlineData(ImageError.RenderingBusy)]
    public async Task What_cannot_be_treated_is_refused_and_leaves_nothing(ImageError error)
    {
        _answer = _ => throw new ImageException(error, "Code", "It cannot be done.");

        var upload = () => UploadAsync("""{"image_process":"image/auto-orient,1"}""", "photo.jpg", Samples.Photo);

        (await upload.Should().ThrowAsync<ImageException>()).Which.Error.Should().Be(error);
        NothingIsLeft();
    }

    [Fact]
    public async Task A_process_that_the_picture_does_not_allow_is_the_classs_fault()
    {
        _answer = _ => throw new ImageException(ImageError.ProcessRefused, "BadRequest", "Advance cut's position is out of image.");

        var upload = () => UploadAsync("""{"image_process":"image/crop,x_4000"}""", "photo.jpg", Samples.Photo);

        (await upload.Should().ThrowAsync<UploadException>()).Which.Error.Should().Be(UploadError.TreatmentFailed);
        NothingIsLeft();
        _heard.Errors.Should().ContainSingle().Which.Should().Contain("image/crop,x_4000").And.Contain("Advance cut's position is out of image.");
    }

    [Fact]
    public async Task A_watermark_comes_from_the_main_store_and_has_to_be_there()
    {
        const string policy = """{"image_process":"image/watermark,image_bWFyay5wbmc"}""";
        var upload = () => UploadAsync(policy, "photo.jpg", Samples.Photo);
        (await upload.Should().ThrowAsync<UploadException>()).Which.Error.Should().Be(UploadError.TreatmentFailed);

        _store.Objects["mark.png"] = Png;
        await UploadAsync(policy, "photo.jpg", Samples.Photo);

        _engine.Jobs.Should().ContainSingle().Which.Marks["mark.png"].ToArray().Should().Equal(Png);
    }

    [Fact]
    public async Task A_source_that_is_too_large_is_refused_while_it_comes()
    {
        var upload = () => UploadAsync(
            """{"image_process":"image/auto-orient,1"}""", "photo.jpg", Samples.Photo, new RenderLimits { SourceBytes = Samples.Photo.Length - 1 });

        (await upload.Should().ThrowAsync<ImageException>()).Which.Error.Should().Be(ImageError.ImageTooLarge);
        NothingIsLeft();
    }

    [Fact]
    public async Task The_limit_is_for_what_the_client_sends_and_not_for_what_is_made_of_it()
    {
        const string policy = """{"image_process":"image/format,png"}""";
        var made = new byte[Samples.Photo.Length + 1];
        _answer = _ => Result("image/png") with { Content = made };

        // The policy is asked once more at the end, as after every form that has taken its time.
        var receipt = await UploadAsync(policy, "photo.jpg", Samples.Photo, maxFileBytes: () => Samples.Photo.Length);
        var tooLong = () => UploadAsync(policy, "photo.jpg", Samples.Photo, maxFileBytes: () => Samples.Photo.Length - 1);

        receipt.Length.Should().Be(made.Length);
        (await tooLong.Should().ThrowAsync<UploadException>()).Which.Error.Should().Be(UploadError.FileTooLarge);
    }

    [Fact]
    public async Task A_limit_that_has_come_down_meanwhile_counts_what_the_client_sent_too()
    {
        var limit = Samples.Photo.Length;
        var upload = () => UploadAsync(
            """{"image_process":"image/resize,l_20"}""", "photo.jpg", Samples.Photo, maxFileBytes: () => limit--);

        // What is stored is smaller than either.
        (await upload.Should().ThrowAsync<UploadException>()).Which.Error.Should().Be(UploadError.FileTooLarge);
        NothingIsLeft();
    }

    [Fact]
    public void A_class_that_treats_its_pictures_is_named_before_them()
    {
        var untreated = Policy("{}");
        var treated = Policy("""{"image_process":"image/auto-orient,1"}""") with { NamedClassId = 2 };

        var photo = () => treated.AdmitStored(untreated, FileTypeCatalog.Find("jpeg")!, 10);
        var text = () => treated.AdmitStored(untreated, FileTypeCatalog.Find("txt")!, 10);

        photo.Should().Throw<UploadException>().Which.Error.Should().Be(UploadError.ClassTooLate);
        text.Should().NotThrow();
    }

    [Theory]
    [InlineData("""{"image_process":"image/auto-orient,1"}""", "jpeg", true)]
    [InlineData("""{"heic_to_jpeg":true}""", "heic", true)]
    [InlineData("""{"heic_to_jpeg":true}""", "jpeg", false)]
    [InlineData("""{"main_color":true}""", "jpeg", false)]
    [InlineData("""{"image_process":"image/auto-orient,1"}""", "txt", false)]
    public void What_was_stored_untreated_does_not_go_into_a_class_that_has_come_to_treat_it(string policy, string type, bool refused)
    {
        var begun = Policy("{}") with { NamedClassId = 2 };
        var treated = Policy(policy) with { NamedClassId = 2 };
        var other = Policy("""{"image_process":"image/resize,l_9"}""") with { NamedClassId = 2 };

        var late = () => treated.AdmitStored(begun, FileTypeCatalog.Find(type)!, 10);
        var changed = () => treated.AdmitStored(other, FileTypeCatalog.Find(type)!, 10);

        if (refused)
            late.Should().Throw<UploadException>().Which.Error.Should().Be(UploadError.ClassTooLate);
        else
            late.Should().NotThrow();
        changed.Should().NotThrow("it was treated as its class had it when it began");
    }

    private static byte[] Png => Samples.Read("plain.png");

    private static RenderResult Result(string mediaType) => new() { Content = Made, MediaType = mediaType, Width = 40, Height = 30 };

    private void NothingIsLeft()
    {
        _store.Objects.Should().BeEmpty();
        _records.Rows.Should().BeEmpty();
        _engine.Spooled.Should().BeEmpty();
    }

    private UploadPolicy Policy(string json) => new()
    {
        MaxFileBytes = 10_000_000,
        MaxFiles = 3,
        Types = FileTypeCatalog.All.ToHashSet(),
        Store = _named,
        Transfer = new StreamTransfer(),
        Folder = UploadFolder.ParsePrefix("images"),
        Name = (folder, extension) => ObjectKey.Parse($"{folder}/{++_keys}{extension}"),
        Treatment = PictureTreatment.Of(ClassPolicy.Parse(json)),
        KeepName = ClassPolicy.Parse(json).KeepName == true,
        AsAttachment = ClassPolicy.Parse(json).Disposition == "attachment",
        Sha256 = ClassPolicy.Parse(json).Sha256 == true,
    };

    private async Task<UploadReceipt> UploadAsync(
        string policy, string name, byte[] content, RenderLimits? limits = null, Func<long>? maxFileBytes = null)
    {
        using var treatments = _engine.Treatments(new ObjectStores(_named, _named), limits);
        var pipeline = new UploadPipeline(
            _records, _settlement, treatments, new UndoDeadline(TimeSpan.FromSeconds(5), _clock), _clock, NullLogger<UploadPipeline>.Instance);
        OriginalName.TryParse(name, out var parsed).Should().BeTrue();
        var form = new ReadyForm(0, new IncomingFile(parsed, new MemoryStream(content)));
        PolicyOf asked = (_, _) => Task.FromResult(Policy(policy) with { MaxFileBytes = maxFileBytes?.Invoke() ?? 10_000_000 });
        return (await pipeline.RunAsync(form, asked, CancellationToken.None)).Single();
    }
}

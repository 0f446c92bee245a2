using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Envelope;
using OssProxy.Core.Records;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Library;

/// <summary>What both families of consoles do with classes. Actions take no parameters: any bound one would make the framework read the
/// body.</summary>
public abstract class ClassController(LibraryDesk desk) : ControllerBase
{
    private const int LongestName = 30;
    private const int LongestDescription = 255;

    protected LibraryDesk Desk { get; } = desk;

    protected CancellationToken Left => HttpContext.RequestAborted;

    [HttpPost("{id:long}/delete")]
    [HttpDelete("{id:long}")]
    [Says(nameof(RecordsError.ClassNotFound), "该图片分类记录不存在")]
    public async Task<Reply> DeleteAsync()
    {
        var classes = Desk.Classes;
        var id = ConsoleQuery.Id(HttpContext);
        var retentions = await Desk.Policies.RetentionsAsync(Left);
        var (gone, isWhole) = (new ImageCount(), false);
        try
        {
            await classes.DeleteAsync(id, retentions, gone, Left);
            isWhole = true;
        }
        finally
        {
            // A large class goes in portions, and those that have gone are deleted, whatever became of the rest.
            if (isWhole || gone.Images > 0)
                await Desk.NoteAsync(HttpContext, "class.delete", Subject(id), gone.Detail(isWhole));
        }

        return Reply.Ok(true);
    }

    [HttpGet("usage")]
    public async Task<Reply> UsageAsync()
    {
        var tree = new ClassTree(await Desk.Classes.AllAsync(Left));
        return Reply.Ok(tree.Usage(await Desk.Classes.UsageAsync(Left)));
    }

    [HttpGet("{id:long}/policy")]
    public async Task<Reply> PolicyAsync()
    {
        var id = ConsoleQuery.Id(HttpContext);
        var lineage = await Desk.Classes.LineageAsync(id, Left);
        if (lineage.Count == 0 && id != 0)
            throw LibraryDesk.NoClass(id);
        return await PolicyAsync(id, lineage.Count > 0 ? lineage[0].Policy : null);
    }

    [HttpPost("{id:long}/policy")]
    public async Task<Reply> SetPolicyAsync()
    {
        var classes = Desk.Classes;
        var id = ConsoleQuery.Id(HttpContext);
        var body = await Desk.BodyAsync(HttpContext);
        var sent = Fields.Json(body);
        var policy = sent.ValueKind == JsonValueKind.Null ? ClassPolicy.Empty : ClassPolicy.Parse(sent.GetRawText());
        Desk.RequireApart(policy);
        await Desk.RequireMarksAsync(policy, Left);
        var kept = policy.ToJson() is var json && json == ClassPolicy.Empty.ToJson() ? null : json;
        if (await classes.SetPolicyAsync(id, kept, Left))
            await Desk.NoteAsync(HttpContext, "class.policy", Subject(id), kept ?? "");
        return await PolicyAsync(id, kept);
    }

    /// <summary>What a body says of a class.</summary>
    private protected static ClassDraft Draft(Fields fields, int shortestName, bool isNamed)
    {
        var name = fields.Line("name", shortestName, LongestName);
        return new ClassDraft
        {
            Name = isNamed ? Fields.Required("name", name) : name,
            Description = fields.Lines("desc", LongestDescription),
            Enabled = fields.Flag("status"),
            ParentId = fields.Number("pid", 0, long.MaxValue),
            Order = (int?)fields.Number("order", int.MinValue, int.MaxValue),
        };
    }

    /// <summary>Changes the status, which the body must name.</summary>
    protected async Task ChangeStatusAsync()
    {
        var classes = Desk.Classes;
        var fields = await Desk.FieldsAsync(HttpContext);
        var draft = new ClassDraft { Enabled = Fields.Required("status", fields.Flag("status")) };
        await classes.UpdateAsync(ConsoleQuery.Id(HttpContext), draft, Left);
    }

    private static string Subject(long id) => string.Create(CultureInfo.InvariantCulture, $"class:{id}");

    private async Task<Reply> PolicyAsync(long id, string? own)
    {
        var effective = await Desk.Policies.EffectiveAsync(id, Left);
        return Reply.Ok(new Policies(own is null ? null : JsonNode.Parse(own), JsonNode.Parse(effective.ToJson())!));
    }

    private sealed class ImageCount : IProgress<int>
    {
        public long Images { get; private set; }

        public void Report(int value) => Images += value;

        public string Detail(bool isWhole) => string.Create(CultureInfo.InvariantCulture, $"{Images} images{(isWhole ? "" : ", not finished here")}");
    }

    private sealed record Policies(
        [property: JsonPropertyName("own")] JsonNode? Own,
        [property: JsonPropertyName("effective")] JsonNode Effective);
}

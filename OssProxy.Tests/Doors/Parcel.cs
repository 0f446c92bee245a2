using System.Net.Http.Headers;
using System.Text;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Doors;

/// <summary>What somebody brings to a door.</summary>
internal sealed record Parcel
{
    public string FileName { get; init; } = "photo.jpg";

    public string DeclaredType { get; init; } = "image/jpeg";

    public byte[] Content { get; init; } = Samples.PhotoOf(4000);

    /// <summary>The same file again in the same form.</summary>
    public bool Twice { get; init; }

    /// <summary>Whether the form is sent without saying how long it is.</summary>
    public bool Chunked { get; init; }

    /// <summary>Whether the file stands in its field as text.</summary>
    public bool AsText { get; init; }

    /// <summary>Whether the form ends before its closing boundary.</summary>
    public bool CutOff { get; init; }

    /// <summary>Whether the request says that its body is compressed.</summary>
    public bool Compressed { get; init; }

    /// <summary>A second class, named in the form beside the first.</summary>
    public long? OtherClass { get; init; }

    /// <summary>What the address says besides.</summary>
    public string Query { get; init; } = "";

    /// <summary>The request's body.</summary>
    /// <param name="field">The field of the file.</param>
    /// <param name="before">The class, named before the file.</param>
    /// <param name="behind">The class, named behind the file.</param>
    public HttpContent ToForm(string field, long? before, long? behind)
    {
        var form = new Form();
        Name(form, before);
        for (var i = 0; i < (Twice ? 2 : 1); i++)
        {
            if (AsText)
                form.Field(field, "no file at all");
            else
                form.File(field, FileName, Content, DeclaredType);
        }

        Name(form, behind);
        if (OtherClass is { } other)
            form.Field("image_class_id", other.ToString(System.Globalization.CultureInfo.InvariantCulture));

        var bytes = form.ToBytes();
        if (CutOff)
            bytes = bytes[..^(Encoding.ASCII.GetByteCount(Form.Boundary) + 4)];
        HttpContent content = Chunked ? new StreamContent(new LengthlessStream(bytes)) : new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=" + Form.Boundary);
        if (Compressed)
            content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static void Name(Form form, long? classId)
    {
        if (classId is { } id)
            form.Field("imageClassId", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    // What cannot tell its length is sent in chunks.
    private sealed class LengthlessStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

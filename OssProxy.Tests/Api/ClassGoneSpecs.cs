using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Api;

/// <summary>A class is deleted while an upload into it is under way, wherever the form has named it.</summary>
public sealed class ClassGoneSpecs : ApiSpecs
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clients_file_is_filed_under_none(bool inTheAddress)
    {
        var answer = await UploadAsync("/api/chat/uploadAliyun", inTheAddress, "");

        answer.Should().StartWith("HTTP/1.1 200 ");
        var images = Server.Services.GetRequiredService<ImageLibrary>();
        (await images.ListAsync(new ImageQuery(), 1, 10, CancellationToken.None)).Images.Should().ContainSingle().Which.ClassId.Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_admins_file_is_refused_and_undone(bool inTheAddress)
    {
        var answer = await UploadAsync("/admin/image/upload", inTheAddress, $"token: {ApiServer.AdminKey}\r\n");

        answer.Should().StartWith("HTTP/1.1 400 ").And.Contain("\"errorCode\":\"ClassUnknown\"");
        await NothingShouldRemainAsync();
    }

    private async Task<string> UploadAsync(string path, bool inTheAddress, string headers)
    {
        var classId = (await NewClassAsync()).ToString(CultureInfo.InvariantCulture);
        var form = new Form();
        if (!inTheAddress)
            form.Field("imageClassId", classId);
        var whole = form.File("img", "a.jpg", Samples.PhotoOf(100_000)).ToBytes();
        var address = inTheAddress ? $"{path}?imageClassId={classId}" : path;

        using var connection = await Server.ConnectAsync();
        await connection.SendAsync(Encoding.ASCII.GetBytes(Form.Head(address, whole.Length, headers)));
        await connection.SendAsync(whole.AsMemory(0, 50_000));
        await Eventually.TrueAsync(async () => (await Server.RowsAsync()).Pending == 1, "the upload has begun");
        await Server.Services.GetRequiredService<ImageClasses>().DeleteAsync(
            long.Parse(classId, CultureInfo.InvariantCulture), new Retentions(TimeSpan.FromDays(1), new Dictionary<long, TimeSpan>()), progress: null, CancellationToken.None);
        await connection.SendAsync(whole.AsMemory(50_000));
        return await connection.ReadAnswerAsync();
    }
}

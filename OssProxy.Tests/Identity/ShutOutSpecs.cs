using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>Somebody loses the right to upload while an upload of theirs is under way.</summary>
public sealed class ShutOutSpecs : CallSpecs
{
    [Theory]
    [InlineData(TokenCase.UserSession, "UPDATE app_user SET status = 0", "403", "UserDisabled")]
    [InlineData(TokenCase.UserSession, "DELETE FROM session", "401", "TokenInvalid")]
    [InlineData(TokenCase.UploadKey, "UPDATE api_key SET revoked_at = 1", "401", "TokenInvalid")]
    [InlineData(TokenCase.GuestSession, "DELETE FROM session", "401", "TokenInvalid")]
    public async Task Who_is_shut_out_in_a_long_upload_has_stored_nothing(TokenCase sort, string meanwhile, string status, string code)
    {
        var answer = await UploadAsync(sort, meanwhile);

        answer.Should().StartWith($"HTTP/1.1 {status} ").And.Contain($"\"errorCode\":\"{code}\"");
        await NothingShouldRemainAsync();
    }

    [Theory]
    [InlineData(TokenCase.UserSession, "UPDATE session SET expires_at = 1")]
    [InlineData(TokenCase.JwtUser, "DELETE FROM session")]
    [InlineData(TokenCase.AdminKey, "DELETE FROM session")]
    [InlineData(TokenCase.None, "DELETE FROM session")]
    public async Task Whose_token_has_run_out_by_itself_or_ends_with_nothing_that_we_know_of_ends_what_was_begun(TokenCase sort, string meanwhile) =>
        (await UploadAsync(sort, meanwhile)).Should().StartWith("HTTP/1.1 200 ");

    private async Task<string> UploadAsync(TokenCase sort, string meanwhile)
    {
        var whole = new Form().File("img", "a.jpg", Samples.PhotoOf(100_000)).ToBytes();
        using var connection = await Server.ConnectAsync();
        await connection.SendAsync(Encoding.ASCII.GetBytes(Form.Head(Chat, whole.Length, await Tokens.HeadersAsync(sort))));
        await connection.SendAsync(whole.AsMemory(0, 50_000));
        await Eventually.TrueAsync(async () => (await Server.RowsAsync()).Pending == 1, "the upload has begun");
        var begun = Stopwatch.GetTimestamp();

        // On another node, for all that this one knows.
        await Server.Services.GetRequiredService<RecordsDatabase>().WriteAsync(
            WriteScope.Statement, session => session.ExecuteAsync(meanwhile), CancellationToken.None);
        await Eventually.TrueAsync(
            () => Task.FromResult(Stopwatch.GetElapsedTime(begun) > CallerCache.Lifetime), "what is believed for a second is believed no more");
        await connection.SendAsync(whole.AsMemory(50_000));
        return await connection.ReadAnswerAsync();
    }
}

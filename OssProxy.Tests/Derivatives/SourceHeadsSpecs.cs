using OssProxy.Core.Derivatives;

namespace OssProxy.Tests.Derivatives;

public sealed class SourceHeadsSpecs
{
    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task What_was_asked_before_a_change_is_not_remembered_after_it_and_nobody_new_waits_for_it()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = new ScriptedOriginals
        {
            Head = async count =>
            {
                if (count == 1)
                    await gate.Task;
                return ScriptedOriginals.Of(count == 1 ? "old" : "new");
            },
        };
        var heads = new SourceHeads(store, TimeSpan.FromMinutes(1), new Clock());
        var early = heads.FindAsync(ScriptedOriginals.Key, Deadline).AsTask();

        heads.Forget(ScriptedOriginals.Key);
        var late = await heads.FindAsync(ScriptedOriginals.Key, Deadline);
        gate.SetResult();

        late!.ETag.Should().Be("new");
        (await early)!.ETag.Should().Be("old");
        (await heads.FindAsync(ScriptedOriginals.Key, Deadline))!.ETag.Should().Be("new");
        store.Looks.Should().Be(2);
    }
}

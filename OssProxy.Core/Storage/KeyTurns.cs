namespace OssProxy.Core.Storage;

/// <summary>
/// Lets one at a time change or open the files of a key: an object is two files (bytes and note), and .NET's move without overwriting
/// first looks and then renames on Unix, so that two moves to one name can both succeed. Turns are shared by all stores of the process;
/// other processes are kept out by the lock on the data folder. Held for a rename, never while a body moves.
/// </summary>
internal static class KeyTurns
{
    // Keys share turns by hash: few enough to cost nothing, enough that unrelated uploads seldom meet.
    private static readonly SemaphoreSlim[] Turns = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Waits for the turn of a file; disposing what is returned ends it.</summary>
    public static async ValueTask<Turn> TakeAsync(string path, CancellationToken cancellationToken)
    {
        // Without regard to case: on some disks two spellings are one file.
        var turn = Turns[(uint)StringComparer.OrdinalIgnoreCase.GetHashCode(path) % (uint)Turns.Length];
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    public readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}

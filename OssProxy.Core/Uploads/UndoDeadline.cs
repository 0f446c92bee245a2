namespace OssProxy.Core.Uploads;

/// <summary>The time that undoing may take before it is left to the background. Never the client's token.</summary>
public sealed class UndoDeadline(TimeSpan timeout, TimeProvider time)
{
    /// <summary>Starts the clock.</summary>
    public CancellationTokenSource Start() => new(timeout, time);
}

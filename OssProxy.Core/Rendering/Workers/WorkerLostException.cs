namespace OssProxy.Core.Rendering.Workers;

/// <summary>Why a worker is no more.</summary>
internal enum WorkerLoss
{
    /// <summary>It ended by itself in the midst of a job: a library has brought it down, or the kernel.</summary>
    Died,

    /// <summary>Killed: the job took longer than it may.</summary>
    TimedOut,

    /// <summary>Killed: it had more memory than it may.</summary>
    TooMuchMemory,

    /// <summary>Killed: what it answered was no answer.</summary>
    Rubbish,

    /// <summary>Killed: nobody waited for the job any more.</summary>
    Abandoned,
}

/// <summary>A job that was not answered, because its worker is no more.</summary>
internal sealed class WorkerLostException(WorkerLoss loss, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public WorkerLoss Loss { get; } = loss;
}

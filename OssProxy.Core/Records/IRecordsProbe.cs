namespace OssProxy.Core.Records;

/// <summary>Whether the records can be used right now.</summary>
public interface IRecordsProbe
{
    /// <summary>Returns when the database answers, has this program's schema and takes writes. A few small statements; writes nothing.</summary>
    /// <exception cref="RecordsException">It does not.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}

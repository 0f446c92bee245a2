namespace OssProxy.Core.Transfers;

/// <summary>The transfers of this deployment, by name, and the one used when nobody asks.</summary>
public sealed class TransferSelector
{
    private readonly Dictionary<string, ITransfer> _byName;

    /// <param name="transfers">All there are.</param>
    /// <param name="defaultName">The configured one.</param>
    /// <exception cref="ArgumentException">No transfer has the configured name.</exception>
    public TransferSelector(IEnumerable<ITransfer> transfers, string defaultName)
    {
        _byName = transfers.ToDictionary(transfer => transfer.Name, StringComparer.OrdinalIgnoreCase);
        Default = Find(defaultName) ?? throw new ArgumentException($"No transfer is called '{defaultName}'.", nameof(defaultName));
    }

    /// <summary>What is used when a request names none.</summary>
    public ITransfer Default { get; }

    /// <summary>The transfer of that name, upper and lower case alike; null when there is none.</summary>
    public ITransfer? Find(string name) => _byName.GetValueOrDefault(name);
}

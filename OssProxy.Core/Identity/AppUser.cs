namespace OssProxy.Core.Identity;

/// <summary>Somebody who signs in through mini-programs.</summary>
/// <param name="Name">For people; may be empty: providers tell none.</param>
/// <param name="Providers">Through which providers, each once, by name.</param>
public sealed record AppUser(long Id, string Name, bool IsDisabled, DateTimeOffset CreatedAt, IReadOnlyList<string> Providers);

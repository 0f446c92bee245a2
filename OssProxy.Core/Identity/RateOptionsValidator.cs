using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>Refuses limits that are none.</summary>
public sealed class RateOptionsValidator : IValidateOptions<RateOptions>
{
    private const int MostRequests = 1_000_000;
    private const int MostOpen = 10_000;

    public ValidateOptionsResult Validate(string? name, RateOptions options)
    {
        var faults = new[]
        {
            (Key: nameof(options.RequestsPerMinute), Limit: options.RequestsPerMinute, Most: MostRequests),
            (Key: nameof(options.AddressRequestsPerMinute), Limit: options.AddressRequestsPerMinute, Most: MostRequests),
            (Key: nameof(options.GuestRequestsPerMinute), Limit: options.GuestRequestsPerMinute, Most: MostRequests),
            (Key: nameof(options.SignInsPerMinute), Limit: options.SignInsPerMinute, Most: MostRequests),
            (Key: nameof(options.OpenUploads), Limit: options.OpenUploads, Most: MostOpen),
            (Key: nameof(options.AddressOpenUploads), Limit: options.AddressOpenUploads, Most: MostOpen),
            (Key: nameof(options.GuestOpenUploads), Limit: options.GuestOpenUploads, Most: MostOpen),
        }.Where(limit => limit.Limit < 0 || limit.Limit > limit.Most)
            .Select(limit => $"{RateOptions.Section}:{limit.Key} 必须在 0 到 {limit.Most} 之间；0 表示不限制。").ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

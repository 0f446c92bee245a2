using Microsoft.Extensions.Options;

namespace OssProxy.Api.Hosting;

/// <summary>Failures of starting that the operator can mend, as lines for a person; anything else keeps its stack trace.</summary>
internal static class StartupProblem
{
    /// <summary>What to print; null when the failure is not the configuration's.</summary>
    public static IReadOnlyList<string>? Lines(Exception failure) => failure switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException { InnerExceptions: var all } when all.All(inner => inner is OptionsValidationException) =>
            [.. all.Cast<OptionsValidationException>().SelectMany(invalid => invalid.Failures)],
        _ => null,
    };
}

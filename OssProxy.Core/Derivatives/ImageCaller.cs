namespace OssProxy.Core.Derivatives;

/// <summary>Who asks for an image.</summary>
/// <param name="Name">Callers of one name take one turn together where many wait: an address.</param>
/// <param name="Admit">Asked before an image is made or waited for: what it throws is answered; what it returns is disposed in the
/// end.</param>
public sealed record ImageCaller(string Name, Func<IDisposable> Admit);

namespace OssProxy.Emulator.Signatures;

/// <summary>Who asks, and how that was proved. Unsigned requests have no credential.</summary>
internal readonly record struct Signer(SignatureForm Form, EmulatorCredential? Credential);

namespace OssProxy.Emulator;

/// <summary>The emulator cannot start with these options. The message is for the operator, in Chinese and English, and names the key to
/// change.</summary>
public sealed class EmulatorStartException(string message, Exception? innerException = null) : Exception(message, innerException);

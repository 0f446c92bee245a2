namespace OssProxy.Emulator.Errors;

/// <summary>What is wrong with an order to call back: told before the upload begins, in the service's words.</summary>
internal static class CallbackErrors
{
    public static OssException Invalid(string message, string argument, string value, string? errorCode = null) =>
        OssErrors.InvalidArgument(message, argument, value, errorCode);

    /// <summary>The object is stored all the same: 203 is a success that carries an error document.</summary>
    public static OssException Failed(string message) => new(203, "CallbackFailed", message, "0007-00000203");
}

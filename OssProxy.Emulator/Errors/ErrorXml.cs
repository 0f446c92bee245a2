namespace OssProxy.Emulator.Errors;

/// <summary>The error document of every operation.</summary>
internal static class ErrorXml
{
    public static byte[] Write(OssException error, string requestId, string hostId)
    {
        var xml = new XmlText().Open("Error")
            .Element("Code", error.Code)
            .Element("Message", error.Message)
            .Element("RequestId", requestId)
            .Element("HostId", hostId);
        foreach (var (name, value) in error.Elements)
            xml.Element(name, value);

        if (error.ErrorCode is { } ec)
            xml.Element("EC", ec).Element("RecommendDoc", "https://api.aliyun.com/troubleshoot?q=" + ec);

        return xml.ToBytes();
    }
}

namespace OssProxy.Api.Diagnosis;

/// <summary>What the doctor found, line by line.</summary>
internal sealed class Report(TextWriter output)
{
    private int _faults;

    public void Note(string text) => output.WriteLine("· " + text);

    public void Good(string title, string text) => output.WriteLine($"✓ {title}：{text}");

    public void Warn(string title, string text) => output.WriteLine($"! {title}：{text}");

    public void Bad(string title, string text)
    {
        _faults++;
        output.WriteLine($"✗ {title}：{text}");
    }

    /// <summary>Sums up; returns the exit code.</summary>
    public int Close()
    {
        output.WriteLine(_faults == 0 ? "一切正常。" : $"发现 {_faults} 个问题，请按上面的提示处理后再运行一次。");
        return _faults == 0 ? 0 : 1;
    }
}

using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Tests.Rendering;

public sealed class VipsLibrarySpecs
{
    [Fact]
    public void The_systems_library_goes_before_the_one_that_came_along()
    {
        var candidates = VipsLibrary.Candidates().ToList();

        var bundled = candidates.FindIndex(path => path.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal));
        bundled.Should().BeGreaterThan(candidates.IndexOf("libvips.so.42")).And.BePositive("it comes with the program");
        candidates.Should().OnlyContain(path => path == "libvips.so.42" || File.Exists(path));
    }

    [Fact]
    public void What_does_not_load_is_said_by_name()
    {
        VipsLibrary.TryLoad("/nowhere/libvips.so.42", out var tried).Should().BeNull();

        tried.Should().Equal("/nowhere/libvips.so.42");
        Refusals.NoLibrary(string.Join(", ", tried)).Should().Match<ImageException>(failure =>
            failure.Error == ImageError.EngineMissing && failure.InnerException!.Message.Contains("/nowhere/libvips.so.42")
            && !failure.Message.Contains("nowhere"), "where it was looked for is no client's business");
    }
}

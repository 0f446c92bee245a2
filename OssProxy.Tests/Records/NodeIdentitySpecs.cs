using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class NodeIdentitySpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-node-").FullName;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_node_keeps_its_name_over_restarts()
    {
        string first;
        using (var node = NodeIdentity.Acquire(Data))
            first = node.Id;

        using var again = NodeIdentity.Acquire(Data);
        again.Id.Should().Be(first).And.MatchRegex("^[0-9a-f]{32}$");
        again.DataFolder.Should().Be(Data);
    }

    [Fact]
    public void Two_data_folders_are_two_nodes()
    {
        using var one = NodeIdentity.Acquire(Data);
        using var two = NodeIdentity.Acquire(Path.Combine(_folder, "other"));

        two.Id.Should().NotBe(one.Id);
    }

    [Fact]
    public void A_data_folder_in_use_is_refused_by_the_key_to_change()
    {
        using var one = NodeIdentity.Acquire(Data);

        var second = () => NodeIdentity.Acquire(Data);

        second.Should().Throw<DataFolderException>().WithMessage($"*{Data}*正被另一个进程使用*Data:Folder*");
    }

    [Fact]
    public void A_data_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(Data, "a file stands here");

        var acquire = () => NodeIdentity.Acquire(Data);

        acquire.Should().Throw<DataFolderException>().WithMessage("*Data:Folder*");
    }

    [Fact]
    public void A_damaged_name_is_not_replaced_silently()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "node.id"), "");

        var acquire = () => NodeIdentity.Acquire(Data);

        acquire.Should().Throw<DataFolderException>().WithMessage("*node.id*");
        acquire.Should().Throw<DataFolderException>("the lock is let go after a failure").WithMessage("*node.id*");
    }
}

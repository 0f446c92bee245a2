using System.Security.Cryptography;
using OssProxy.Core.Streams;

namespace OssProxy.Tests.Streams;

public sealed class HashedStreamSpecs
{
    // FIPS 180-2, appendix B: "abc", its second example, and nothing at all.
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public async Task The_digest_of_a_whole_body_is_known_at_its_end_and_not_before(string text, string digest)
    {
        foreach (var pieces in new[] { 1, 3, 1000 })
        {
            await using var body = new HashedStream(new Halting(System.Text.Encoding.ASCII.GetBytes(text)));
            var all = new MemoryStream();
            var buffer = new byte[pieces];
            int read;
            while ((read = await body.ReadAsync(buffer)) > 0)
            {
                body.Sha256.Should().BeNull();
                (await body.ReadAsync(Memory<byte>.Empty)).Should().Be(0);
                body.Sha256.Should().BeNull("a read of nothing tells no end");
                all.Write(buffer, 0, read);
            }

            System.Text.Encoding.ASCII.GetString(all.ToArray()).Should().Be(text);
            body.Sha256.Should().Be(digest);

            (await body.ReadAsync(buffer)).Should().Be(0);
            body.Sha256.Should().Be(digest, "an end that is read once more is the same end");
        }
    }

    [Fact]
    public async Task What_is_behind_the_bytes_of_a_read_in_its_buffer_is_not_hashed()
    {
        await using var body = new HashedStream(new MemoryStream([1, 2, 3]));
        var buffer = new byte[100];
        buffer.AsSpan().Fill(9);

        while (await body.ReadAsync(buffer) > 0)
        {
        }

        body.Sha256.Should().Be(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])));
    }

    [Fact]
    public async Task A_body_that_throws_has_no_digest()
    {
        await using var body = new HashedStream(new Halting("half"u8.ToArray(), new IOException("the phone is gone")));

        var copy = () => body.CopyToAsync(Stream.Null);

        await copy.Should().ThrowAsync<IOException>().WithMessage("the phone is gone");
        body.Sha256.Should().BeNull();
    }

    [Fact]
    public async Task Disposal_ends_the_hash_and_leaves_the_body_to_whoever_owns_it()
    {
        var inner = new MemoryStream([1, 2, 3]);
        var unread = new HashedStream(inner);
        await unread.DisposeAsync();
        unread.Dispose();

        var reading = () => unread.ReadAsync(new byte[1]).AsTask();

        await reading.Should().ThrowAsync<ObjectDisposedException>();
        inner.CanRead.Should().BeTrue();
    }

    /// <summary>Every other read is one that has to be waited for, as on a connection.</summary>
    private sealed class Halting(byte[] bytes, Exception? end = null) : ReadOnlyStream
    {
        private readonly MemoryStream _bytes = new(bytes);
        private bool _halts;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _halts = !_halts;
            if (_halts)
                await Task.Yield();

            var read = await _bytes.ReadAsync(buffer, cancellationToken);
            return read == 0 && !buffer.IsEmpty && end is not null ? throw end : read;
        }
    }
}

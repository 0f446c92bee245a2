using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text;
using OssProxy.Core.Streams;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>A part of a form.</summary>
/// <param name="Head">What its head says.</param>
/// <param name="Content">Valid until the next part is asked for.</param>
internal sealed record FormPart(PartHead Head, Stream Content);

/// <summary>
/// The grammar of a form (RFC 2046, section 5.1.1; RFC 7578): finds the delimiters and the heads, and gives the content between them as it
/// arrives. Holds nothing: what cannot be given yet stays with the connection, which is at most a delimiter or a head. Stricter than the
/// RFC where two readers could read a form in two ways: a line that begins like a delimiter and goes on otherwise is refused.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The content of a part holds nothing that could be disposed.")]
internal sealed class FormReader
{
    private const int MaxHeadBytes = 16 * 1024;

    // Before the first delimiter, and behind the last: no client has anything to say there.
    private const int MaxAroundBytes = 16 * 1024;

    // Blanks behind a delimiter, which a gateway may have added.
    private const int MaxPaddingBytes = 128;

    private readonly ClientBody _body;
    private readonly byte[] _delimiter;
    private Content? _content;
    private bool _ended;

    /// <param name="boundary">1–70 characters of ASCII.</param>
    public FormReader(ClientBody body, string boundary)
    {
        _body = body;
        _delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
    }

    /// <summary>The next part; null behind the last. What was not read of the part before is passed over.</summary>
    /// <exception cref="UploadException">The form is broken or beyond a limit, or the client failed.</exception>
    public async ValueTask<FormPart?> NextPartAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return null;

        if (_content is null)
            await ReachFirstDelimiterAsync(cancellationToken);
        else
            await _content.PassOverAsync(cancellationToken);

        if (await EndsAsync(cancellationToken))
        {
            await PassEpilogueAsync(cancellationToken);
            _ended = true;
            return null;
        }

        var head = await ReadHeadAsync(cancellationToken);
        _content = new Content(this);
        return new FormPart(head, _content);
    }

    // The first delimiter has no line break before it when it is the first of all.
    private async ValueTask ReachFirstDelimiterAsync(CancellationToken cancellationToken)
    {
        var bare = _delimiter.AsMemory(2);
        long searched = 0;
        while (true)
        {
            var read = await _body.ReadAsync(cancellationToken);
            var preamble = new SequenceReader<byte>(read.Buffer);
            var found = preamble.IsNext(bare.Span, advancePast: true);
            if (!found)
            {
                // What was searched before is not searched again, so that bytes which come one by one cost no more each.
                preamble.Advance(Math.Max(0, searched - _delimiter.Length + 1));
                found = preamble.TryReadTo(out ReadOnlySequence<byte> _, _delimiter);
                searched = read.Buffer.Length;
            }

            if (found && preamble.Consumed <= MaxAroundBytes + _delimiter.Length)
            {
                _body.Use(preamble.Position);
                return;
            }

            _body.AskForMore();
            if (read.Buffer.Length >= MaxAroundBytes + _delimiter.Length)
                throw TooComplex("There is too much before the first delimiter.");
            if (read.IsCompleted)
                throw Truncated();
        }
    }

    // Behind a delimiter: two hyphens when it was the last, else the end of its line.
    private async ValueTask<bool> EndsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _body.ReadAsync(cancellationToken);
            var rest = new SequenceReader<byte>(read.Buffer);
            if (rest.IsNext("--"u8, advancePast: true))
            {
                _body.Use(rest.Position);
                return true;
            }

            var padding = rest.AdvancePastAny((byte)' ', (byte)'\t');
            if (padding <= MaxPaddingBytes && rest.IsNext("\r\n"u8, advancePast: true))
            {
                _body.Use(rest.Position);
                return false;
            }

            _body.AskForMore();
            if (padding > MaxPaddingBytes)
                throw TooComplex("The line of a delimiter does not end.");
            if (rest.Remaining > 1 || (rest.Remaining == 1 && !(rest.IsNext((byte)'\r') || (padding == 0 && rest.IsNext((byte)'-')))))
                throw Malformed("A line begins like a delimiter and goes on otherwise.");
            if (read.IsCompleted)
                throw Truncated();
        }
    }

    // Read to its end, so that a body which is longer or shorter than promised is noticed before anything is answered.
    private async ValueTask PassEpilogueAsync(CancellationToken cancellationToken)
    {
        long passed = 0;
        long padding = 0;
        var first = true;
        while (true)
        {
            var read = await _body.ReadAsync(cancellationToken);
            var rest = new SequenceReader<byte>(read.Buffer);
            if (first)
            {
                padding += rest.AdvancePastAny((byte)' ', (byte)'\t');
                if (padding > MaxPaddingBytes)
                    throw TooComplex("The line of a delimiter does not end.");
                if (rest.Remaining == 1 && rest.IsNext((byte)'\r') && !read.IsCompleted)
                {
                    passed += rest.Consumed;
                    _body.UseAndAskForMore(rest.Position);
                    continue;
                }

                if (rest.Remaining > 0 && !rest.IsNext("\r\n"u8) && !(rest.Remaining == 1 && rest.IsNext((byte)'\r')))
                    throw Malformed("The last delimiter goes on otherwise than with the end of its line.");

                first = rest.Remaining == 0;
            }

            passed += read.Buffer.Length;
            _body.Use(read.Buffer.End);
            if (passed > MaxAroundBytes)
                throw TooComplex("There is too much behind the last delimiter.");
            if (read.IsCompleted)
                return;
        }
    }

    private async ValueTask<PartHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        long searched = 0;
        while (true)
        {
            var read = await _body.ReadAsync(cancellationToken);
            var rest = new SequenceReader<byte>(read.Buffer);
            if (rest.IsNext("\r\n"u8, advancePast: true))
            {
                _body.Use(rest.Position);
                return PartHead.Parse([]);
            }

            // Searched and parsed once, so that one which arrives byte by byte costs no more.
            const int end = 4;
            rest.Advance(Math.Max(0, searched - end + 1));
            searched = read.Buffer.Length;
            if (rest.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8) && rest.Consumed - end <= MaxHeadBytes)
            {
                var lines = read.Buffer.Slice(0, rest.Consumed - end);
                var head = PartHead.Parse(lines.IsSingleSegment ? lines.FirstSpan : lines.ToArray());
                _body.Use(rest.Position);
                return head;
            }

            if (read.Buffer.Length >= MaxHeadBytes + "\r\n\r\n".Length)
                throw TooComplex($"A part's head is longer than {MaxHeadBytes} bytes.");
            if (read.IsCompleted)
                throw Truncated();
            _body.AskForMore();
        }
    }

    private static UploadException Malformed(string message) => new(UploadError.FormMalformed, message);

    private static UploadException TooComplex(string message) => new(UploadError.FormTooComplex, message);

    private static UploadException Truncated() => Malformed("The form ends before its closing boundary.");

    /// <summary>The content of one part: everything up to the next delimiter.</summary>
    private sealed class Content(FormReader form) : ReadOnlyStream
    {
        // Room to see a whole delimiter when the reader of the content gives less.
        private const int LeastLook = 128;

        private bool _ended;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_ended)
                return ValueTask.FromResult(0);

            var reading = form._body.ReadAsync(cancellationToken);
            if (!reading.IsCompletedSuccessfully)
                return WaitAsync(reading, buffer, cancellationToken);

            return TryTake(reading.Result, buffer.Span, out var count)
                ? ValueTask.FromResult(count)
                : WaitAsync(form._body.ReadAsync(cancellationToken), buffer, cancellationToken);
        }

        public async ValueTask PassOverAsync(CancellationToken cancellationToken)
        {
            var unread = ArrayPool<byte>.Shared.Rent(LeastLook);
            try
            {
                while (await ReadAsync(unread, cancellationToken) > 0)
                {
                    // Passed over; the limit of the request bounds how much.
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(unread);
            }
        }

        private async ValueTask<int> WaitAsync(ValueTask<ReadResult> reading, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int count;
            while (!TryTake(await reading, buffer.Span, out count))
                reading = form._body.ReadAsync(cancellationToken);
            return count;
        }

        // False when nothing can be given before more has come. Copies first and searches the copy: it is in one piece, and in the cache.
        private bool TryTake(ReadResult read, Span<byte> into, out int count)
        {
            var small = into.Length < LeastLook;
            var look = small ? stackalloc byte[LeastLook] : into;
            var seen = (int)Math.Min(look.Length, read.Buffer.Length);
            look = look[..seen];
            read.Buffer.Slice(0, seen).CopyTo(look);

            var content = look.IndexOf(form._delimiter);
            var found = content >= 0;
            if (!found)
                content = seen - Withheld(look);

            count = Math.Min(content, into.Length);
            if (small)
                look[..count].CopyTo(into);

            _ended = found && count == content;
            if (_ended)
            {
                form._body.Use(read.Buffer.GetPosition(content + form._delimiter.Length));
            }
            else if (content > 0)
            {
                var consumed = read.Buffer.GetPosition(count);
                if (count == content && seen == read.Buffer.Length)
                    form._body.UseAndAskForMore(consumed);
                else
                    form._body.Use(consumed);
            }
            else
            {
                form._body.AskForMore();
                return read.IsCompleted ? throw Truncated() : false;
            }

            return true;
        }

        // How much at the end may be the beginning of a delimiter. A boundary holds no line break, so there is one place to begin at a time.
        private int Withheld(ReadOnlySpan<byte> look)
        {
            var tail = look[Math.Max(0, look.Length - form._delimiter.Length + 1)..];
            for (var at = tail.IndexOf((byte)'\r'); at >= 0; at = tail.IndexOf((byte)'\r'))
            {
                tail = tail[at..];
                if (form._delimiter.AsSpan().StartsWith(tail))
                    return tail.Length;
                tail = tail[1..];
            }

            return 0;
        }
    }
}

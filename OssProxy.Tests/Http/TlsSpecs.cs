using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OssProxy.Core.Http;

namespace OssProxy.Tests.Http;

/// <summary>The same over TLS, towards a certificate that only the test believes.</summary>
public sealed class TlsSpecs : IClassFixture<TlsSpecs.Certificate>, IDisposable
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private readonly FarEnd _far = new();
    private readonly X509Certificate2 _certificate;

    public TlsSpecs(Certificate certificate)
    {
        _certificate = certificate.Value;
    }

    public void Dispose() => _far.Dispose();

    [Fact]
    public async Task A_certificate_that_is_not_believed_is_no_connection()
    {
        var beginning = Talk.BeginAsync(Pool(believe: false));
        var connection = await _far.AcceptAsync();
        var agreeing = AgreeAsync(connection);
        var begin = () => beginning;

        (await begin.Should().ThrowAsync<ConnectException>()).WithInnerException<AuthenticationException>();

        // Which of both ends notices first depends on the version.
        await agreeing.ContinueWith(agreed => agreed.Exception, TaskScheduler.Default);
        _far.Near!.SafeHandle.IsClosed.Should().BeTrue();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Request_and_answer_arrive_whole_and_the_connection_is_used_again(SslProtocols protocol)
    {
        var pool = Pool();
        var text = string.Concat(Enumerable.Range(0, 50_000).Select(number => $"{number:D5}"));
        FarConnection? connection = null;
        for (var time = 0; time < 3; time++)
        {
            var beginning = Talk.BeginAsync(pool, Talk.Put(null));
            if (connection is null)
            {
                connection = await _far.AcceptAsync();
                (await AgreeAsync(connection, protocol)).NegotiatedApplicationProtocol.Should().Be(SslApplicationProtocol.Http11);
            }

            var arriving = connection.ReadAsync("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7a120\r\n".Length
                + 500_000 + "\r\n0\r\n\r\n".Length);
            using var exchange = await beginning;
            await exchange.SendAsync(Talk.Bytes("hello"));
            await exchange.SendAsync(Talk.Bytes(text), Talk.Bytes(text));
            await exchange.EndAsync();
            (await arriving).Should().Be(
                $"PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7a120\r\n{text}{text}\r\n0\r\n\r\n");

            var said = connection.SayAsync($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}");
            (await exchange.HearAsync()).Status.Should().Be(200);
            (await exchange.ReadAsync(70_000)).Should().Be(text);
            await said;
        }

        _far.HasCaller.Should().BeFalse();
    }

    [Fact]
    public async Task Pieces_of_any_length_are_put_into_records_without_a_byte_lost()
    {
        // A record holds 16 KiB.
        foreach (var length in new[] { 1, 16_384 - 63, 16_383, 16_384, 16_385, 32_768, 65_535, 65_536, 65_537 })
        {
            using var pool = Pool();
            var text = string.Concat(Enumerable.Range(0, (length / 5) + 1).Select(number => $"{number:D5}"))[..length];
            var beginning = Talk.BeginAsync(pool, Talk.Put(length + 7));
            var connection = await _far.AcceptAsync();
            await AgreeAsync(connection);
            var whole = $"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: {length + 7}\r\n\r\n{text}the end";
            var arriving = connection.ReadAsync(whole.Length);
            using var exchange = await beginning;

            await exchange.SendAsync(Talk.Bytes(text), Talk.Bytes("the end"));
            await exchange.EndAsync();

            (await arriving).Should().Be(whole);
        }
    }

    [Fact]
    public async Task What_is_said_behind_an_answer_is_no_answer_to_the_next_request()
    {
        // The body is read past our own buffer: what is left over lies with the TLS, where the socket does not show it.
        const string Forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
        var pool = Pool();
        var asking = Talk.AskAsync(pool);
        var connection = await _far.AcceptAsync();
        await AgreeAsync(connection);
        var asked = await asking;
        var body = new string('x', 9000);
        await connection.SayAsync($"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{body}{Forged}");
        await asked.HearAsync();
        (await asked.ReadAsync(9000)).Should().Be(body);
        asked.Dispose();

        var next = Talk.BeginAsync(pool);
        await AgreeAsync(await _far.AcceptAsync());
        (await next).Dispose();
    }

    [Fact]
    public async Task A_connection_that_the_far_end_has_ended_is_not_used()
    {
        var pool = Pool();
        var asking = Talk.AskAsync(pool);
        var connection = await _far.AcceptAsync();
        await AgreeAsync(connection);
        using (var asked = await asking)
        {
            await connection.ReadHeadAsync();
            await connection.SayAsync(Ok);
            await asked.HearAsync();
        }

        connection.Dispose();
        var next = Talk.BeginAsync(pool);
        await AgreeAsync(await _far.AcceptAsync());
        (await next).Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Early_refused_or_cancelled_it_ends_with_a_piece_on_its_way(bool cancelled)
    {
        using var leaving = new CancellationTokenSource();
        var beginning = Talk.BeginAsync(Pool(), Talk.Put(null), leaving.Token);
        var connection = await _far.AcceptAsync();
        await AgreeAsync(connection);
        using var exchange = await beginning;
        await exchange.SendAsync(Talk.Bytes("hello"));
        var sending = exchange.SendAsync(new byte[16 * 1024 * 1024]).AsTask();
        await connection.ReadHeadAsync();
        sending.IsCompleted.Should().BeFalse();
        if (cancelled)
            await leaving.CancelAsync();
        else
            await connection.SayAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");

        await sending.WaitAsync(FarEnd.Deadline);
        if (cancelled)
        {
            var hear = () => exchange.HearAsync();
            await hear.Should().ThrowAsync<IOException>();
            return;
        }

        (await exchange.HearAsync()).Status.Should().Be(403);
        (await exchange.ReadAsync()).Should().Be("no");
    }

    [Fact]
    public async Task Cancelled_while_it_agrees_it_never_begins()
    {
        using var leaving = new CancellationTokenSource();
        var beginning = Talk.BeginAsync(Pool(), cancellationToken: leaving.Token);
        var connection = await _far.AcceptAsync();
        (await connection.ReadSomeAsync()).Should().StartWith("\u0016\u0003", "it has begun to agree");
        await leaving.CancelAsync();
        var begin = () => beginning;

        await begin.Should().ThrowAsync<OperationCanceledException>();
        (await connection.ReadToEndAsync()).Should().BeEmpty();
        _far.Near!.SafeHandle.IsClosed.Should().BeTrue();
    }

    [Theory]
    [InlineData("closes")]
    [InlineData("resets")]
    [InlineData("speaks plainly")]
    [InlineData("says nothing")]
    public async Task A_far_end_that_does_not_agree_is_no_connection(string does)
    {
        var time = new Clock();
        var beginning = Talk.BeginAsync(Pool(time: time));
        var connection = await _far.AcceptAsync();
        await connection.ReadSomeAsync();
        if (does == "closes")
            connection.Dispose();
        else if (does == "resets")
            connection.Reset();
        else if (does == "speaks plainly")
            await connection.SayAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        else
            await time.AdvanceUntilAsync(() => beginning.IsCompleted, TimeSpan.FromSeconds(10), "it is given up");
        var begin = () => beginning;

        await begin.Should().ThrowAsync<ConnectException>();
        _far.Near!.SafeHandle.IsClosed.Should().BeTrue();
    }

    private ConnectionPool Pool(bool believe = true, TimeProvider? time = null) => _far.Pool(
        time,
        _far.Dialing(believe ? (_, presented, _, _) => presented?.GetCertHashString() == _certificate.GetCertHashString() : null),
        _far.Origin(isTls: true));

    private async Task<SslStream> AgreeAsync(FarConnection connection, SslProtocols protocol = SslProtocols.None)
    {
        SslStream? agreed = null;
        await connection.ThroughAsync(
            stream => agreed = new SslStream(stream),
            (stream, token) => stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = _certificate,
                    EnabledSslProtocols = protocol,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                },
                token));
        return agreed!;
    }

    public sealed class Certificate : IDisposable
    {
        public Certificate()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());

            // Validity is not what is tested.
            Value = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));
        }

        public X509Certificate2 Value { get; }

        public void Dispose() => Value.Dispose();
    }
}

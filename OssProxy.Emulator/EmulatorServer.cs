using System.Text;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OssProxy.Emulator.Callbacks;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Signatures;
using OssProxy.Emulator.Storage;
using OssProxy.Emulator.Sts;

namespace OssProxy.Emulator;

/// <summary>
/// An OSS of one's own over real HTTP, with its objects on disk, and the STS that belongs to it at "/" of the same address. Believes nothing of a client: signatures, digests and
/// framing are recomputed. A bare Kestrel without a host, so that embedding it takes no signals and no configuration
/// from the program around it. Costs one small buffer per request, whatever the size of the object.
/// </summary>
public sealed class EmulatorServer : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly KestrelServer _kestrel;
    private readonly BucketStore _store;
    private readonly EmulatorApplication _application;

    private EmulatorServer(KestrelServer kestrel, BucketStore store, EmulatorApplication application, IReadOnlyList<EmulatorCredential> credentials)
    {
        (_kestrel, _store, _application, Credentials) = (kestrel, store, application, credentials);
        Address = AddressOf(kestrel);
        CallbackKeyUrl = new(Reachable(Address), CallbackKey.PublicKeyPath);
    }

    /// <summary>The address after binding, also when port 0 was asked for. The first one of several.</summary>
    public Uri Address { get; }

    /// <summary>Where receivers of upload callbacks find the key they are signed with; what <c>x-oss-pub-key-url</c> says.</summary>
    public Uri CallbackKeyUrl { get; }

    /// <summary>What goes wrong on request; empty at start.</summary>
    public FaultRules Faults => _application.Faults;

    /// <summary>What was asked, for assertions.</summary>
    public RequestLog Requests => _application.Requests;

    /// <summary>Who may sign here: the configured ones, or the pair that was generated for this folder.</summary>
    public IReadOnlyList<EmulatorCredential> Credentials { get; }

    /// <summary>Binds, loads the folder, creates missing buckets.</summary>
    /// <exception cref="EmulatorStartException">A non-loopback address without the switch, an unreadable address, a folder in use, a bucket name, ACL or role that the service would refuse.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<EmulatorServer> StartAsync(EmulatorOptions options, CancellationToken cancellationToken)
    {
        var loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        var limits = new KestrelServerOptions { AddServerHeader = false, ResponseHeaderEncodingSelector = static _ => Encoding.UTF8 };
        ListenAddress.Apply(options, limits);

        // OSS takes 5 GB as slowly as they come; presigned URLs with a token and a long key pass 8 KiB.
        limits.Limits.MaxRequestBodySize = null;
        limits.Limits.MinRequestBodyDataRate = null;
        limits.Limits.MinResponseDataRate = null;
        limits.Limits.MaxRequestLineSize = 32 << 10;
        limits.Limits.MaxRequestHeadersTotalSize = 64 << 10;

        var store = new BucketStore(options.Folder);
        KestrelServer? kestrel = null;
        try
        {
            CreateBuckets(options, store);
            IReadOnlyList<EmulatorCredential> credentials = options.Credentials.Count > 0
                ? [.. options.Credentials]
                : [GeneratedCredential.LoadOrCreate(options.Folder)];
            var application = new EmulatorApplication(options, store, new CredentialList(credentials), new RoleList(options.Roles), () => Reachable(AddressOf(kestrel!)), loggers.CreateLogger<EmulatorServer>());

            // One byte, not none (which means no bound): a write is done when the socket has it all, so that a reply cut after
            // n bytes has really sent n bytes.
            var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions { MaxWriteBufferSize = 1 }), loggers);
            kestrel = new(Options.Create(limits), transport, loggers);
            await kestrel.StartAsync(application, cancellationToken);
            return new(kestrel, store, application, credentials);
        }
        catch
        {
            kestrel?.Dispose();
            store.Dispose();
            throw;
        }
    }

    /// <summary>Releases stalled requests, lets the others end for two seconds, then cuts them.</summary>
    public async ValueTask DisposeAsync()
    {
        Faults.Clear();
        using var patience = new CancellationTokenSource(StopTimeout);
        await _kestrel.StopAsync(patience.Token);
        _kestrel.Dispose();
        await _application.DisposeAsync();
        _store.Dispose();
    }

    private static Uri AddressOf(KestrelServer kestrel) => new(kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First());

    // "Every address" is none to connect to.
    private static Uri Reachable(Uri address) =>
        address.Host is "0.0.0.0" or "[::]" ? new UriBuilder(address) { Host = address.Host == "[::]" ? "[::1]" : "127.0.0.1" }.Uri : address;

    private static void CreateBuckets(EmulatorOptions options, BucketStore store)
    {
        foreach (var bucket in options.Buckets)
        {
            if (!BucketName.IsValid(bucket.Name) || bucket.Acl is not ("private" or "public-read" or "public-read-write"))
            {
                throw new EmulatorStartException(
                    $"Emulator:Buckets 中的存储空间名称或权限无效：{bucket.Name} ({bucket.Acl})。 Emulator:Buckets holds a bucket name or ACL that OSS would refuse.");
            }

            store.TryCreate(bucket.Name, bucket.Acl, options.TimeProvider.GetUtcNow());
        }
    }
}

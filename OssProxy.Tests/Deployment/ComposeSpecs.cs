using System.Net;
using System.Text.RegularExpressions;
using OssProxy.Core.Identity;
using OssProxy.Tests.Architecture;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace OssProxy.Tests.Deployment;

/// <summary>The files for containers, as far as they can be judged without running one.</summary>
public sealed class ComposeSpecs
{
    private static readonly string[] Secrets = ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "ADMIN_KEY", "POSTGRES_PASSWORD"];
    private static readonly string[] Nodes = ["api", "api1", "api2"];

    private static readonly Compose File = Parse(SourceTree.Read("docker-compose.yml"));

    [Fact]
    public void Two_nodes_a_database_and_nginx_make_the_whole() =>
        File.Services.Keys.Should().BeEquivalentTo("api", "api1", "api2", "nginx", "postgres");

    [Fact]
    public void The_api_starts_alone()
    {
        File.Services["api"].DependsOn.Should().BeNull();
        File.Services["api"].Profiles.Should().NotBeEmpty("it is not a third node");
        File.Services["api"].Environment.Should().NotContainKey("Records__Provider", "the default needs no server");
    }

    [Fact]
    public void Both_nodes_are_the_same_but_for_their_data()
    {
        File.Services["api1"].Environment.Should().BeEquivalentTo(File.Services["api2"].Environment)
            .And.Contain("Records__Provider", "postgres")
            .And.ContainKeys("Oss__Endpoint", "Oss__Bucket", "Records__ConnectionString", "Auth__AdminKey", "Uploads__MaxFileBytes");
        Nodes.SelectMany(node => File.Services[node].Volumes).Should().OnlyHaveUniqueItems("a data folder belongs to one process")
            .And.OnlyContain(volume => volume.EndsWith(":/data", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_volume_and_every_mounted_file_exists()
    {
        foreach (var source in File.Services.Values.SelectMany(service => service.Volumes).Select(volume => volume.Split(':')[0]))
        {
            if (source.StartsWith("./", StringComparison.Ordinal))
                SourceTree.Files.Should().Contain(source[2..]);
            else
                File.Volumes.Should().ContainKey(source);
        }
    }

    [Fact]
    public void Every_service_that_another_waits_for_exists() =>
        File.Services.Values.SelectMany(service => Names(service.DependsOn)).Should().BeSubsetOf(File.Services.Keys);

    [Fact]
    public void Secrets_come_from_outside_and_have_no_default()
    {
        var text = SourceTree.Read("docker-compose.yml");
        foreach (var secret in Secrets)
        {
            var uses = Regex.Matches(text, @"\$\{?" + secret + @"\b(?<after>..)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
            // PostgreSQL's may be absent: the image refuses to start without one, and a node alone needs none.
            var form = secret == "POSTGRES_PASSWORD" ? "-}" : ":?";
            uses.Should().NotBeEmpty().And.OnlyContain(use => use.Groups["after"].Value == form);
        }
    }

    [Fact]
    public void The_example_of_an_environment_names_every_variable_and_no_secret()
    {
        var example = SourceTree.Read("deploy/env.example").Split('\n')
            .Where(line => line.Contains('=', StringComparison.Ordinal) && line[0] != '#')
            .ToDictionary(line => line.Split('=')[0], line => line.Split('=')[1], StringComparer.Ordinal);
        var used = Regex.Matches(SourceTree.Read("docker-compose.yml"), @"\$\{(?<name>\w+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Select(match => match.Groups["name"].Value).Distinct();

        example.Keys.Should().BeEquivalentTo(used);
        Secrets.Should().OnlyContain(secret => example[secret].Length == 0);
    }

    [Fact]
    public void Both_nodes_believe_nginx_and_nobody_else()
    {
        var nginx = IPAddress.Parse(File.Services["nginx"].Networks["default"].Address!);
        var network = File.Networks["default"].Ipam.Config.Single();

        File.Services["api1"].Environment.Should().Contain("Server__TrustedProxies", nginx.ToString());
        File.Services["api"].Environment.Should().NotContainKey("Server__TrustedProxies", "nobody stands in front of it");
        IPNetwork.Parse(network.Subnet!).Contains(nginx).Should().BeTrue();
        IPNetwork.Parse(network.Range!).Contains(nginx).Should().BeFalse("another container could have it by the time nginx starts");
    }

    [Fact]
    public void Every_rate_can_be_set_and_guests_are_let_in_by_choice_alone()
    {
        foreach (var rate in typeof(RateOptions).GetProperties())
            File.Services["api"].Environment.Should().ContainKey("Rates__" + rate.Name);
        File.Services["api"].Environment.Should().Contain("Guests__Allowed", "${GUESTS_ALLOWED:-false}");
    }

    [Fact]
    public void The_image_runs_the_api_as_a_user_without_rights()
    {
        var last = SourceTree.Read("Dockerfile").Split("\nFROM ")[^1];

        last.Should().Contain("dotnet/aspnet:10.0").And.Contain("\nUSER $APP_UID\n").And.Contain("\nEXPOSE 7001\n")
            .And.Contain("\nVOLUME /data\n").And.Contain("ENTRYPOINT [\"dotnet\", \"OssProxy.Api.dll\"]");
        File.Services["api"].Ports.Should().Equal("7001:7001");
    }

    [Fact]
    public void What_is_built_or_secret_stays_out_of_the_image() =>
        SourceTree.Read(".dockerignore").Split('\n').Should().Contain(["**/bin", "**/obj", "**/data", "**/.env", "**/.git"]);

    private static IEnumerable<string> Names(object? dependsOn) => dependsOn switch
    {
        IEnumerable<object> list => list.Cast<string>(),
        IDictionary<object, object> table => table.Keys.Cast<string>(),
        _ => [],
    };

    // The whole file is read as what it should be: a key that Compose does not have in this place is an error here too, as is one that
    // stands twice. The two are looked for apart, because merging writes a key twice wherever it is overridden.
    private static Compose Parse(string text)
    {
        new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<object>(text);
        return new DeserializerBuilder().Build().Deserialize<Compose>(new MergingParser(new Parser(new StringReader(text))));
    }

    private sealed class Compose
    {
        [YamlMember(Alias = "x-api")]
        public Service? Api { get; set; }

        [YamlMember(Alias = "x-settings")]
        public Dictionary<string, string>? Settings { get; set; }

        [YamlMember(Alias = "x-node")]
        public Dictionary<string, string>? Node { get; set; }

        [YamlMember(Alias = "services")]
        public Dictionary<string, Service> Services { get; set; } = [];

        [YamlMember(Alias = "networks")]
        public Dictionary<string, Network> Networks { get; set; } = [];

        [YamlMember(Alias = "volumes")]
        public Dictionary<string, object?> Volumes { get; set; } = [];
    }

    private sealed class Network
    {
        [YamlMember(Alias = "ipam")]
        public AddressPlan Ipam { get; set; } = new();
    }

    private sealed class AddressPlan
    {
        [YamlMember(Alias = "config")]
        public List<AddressRange> Config { get; set; } = [];
    }

    private sealed class AddressRange
    {
        [YamlMember(Alias = "subnet")]
        public string? Subnet { get; set; }

        [YamlMember(Alias = "ip_range")]
        public string? Range { get; set; }
    }

    private sealed class Membership
    {
        [YamlMember(Alias = "ipv4_address")]
        public string? Address { get; set; }
    }

    private sealed class Service
    {
        [YamlMember(Alias = "build")]
        public string? Build { get; set; }

        [YamlMember(Alias = "image")]
        public string? Image { get; set; }

        [YamlMember(Alias = "restart")]
        public string? Restart { get; set; }

        [YamlMember(Alias = "stop_grace_period")]
        public string? StopGracePeriod { get; set; }

        [YamlMember(Alias = "profiles")]
        public List<string> Profiles { get; set; } = [];

        [YamlMember(Alias = "environment")]
        public Dictionary<string, string> Environment { get; set; } = [];

        [YamlMember(Alias = "ports")]
        public List<string> Ports { get; set; } = [];

        [YamlMember(Alias = "networks")]
        public Dictionary<string, Membership> Networks { get; set; } = [];

        [YamlMember(Alias = "volumes")]
        public List<string> Volumes { get; set; } = [];

        [YamlMember(Alias = "depends_on")]
        public object? DependsOn { get; set; }

        [YamlMember(Alias = "healthcheck")]
        public Dictionary<string, object>? Healthcheck { get; set; }
    }
}

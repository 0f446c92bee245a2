using System.Reflection;
using System.Runtime.CompilerServices;

namespace OssProxy.Tests.Architecture;

/// <summary>Rules that the compiled assemblies answer better than their text.</summary>
public sealed class DeclarationSpecs
{
    private const BindingFlags OwnMembers =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void A_cancellation_token_comes_last_and_is_required() =>
        SourceTree.Products.SelectMany(project => Assembly.Load(project).GetTypes()).SelectMany(CarelessTokens).Should().BeEmpty();

    [Fact]
    public void A_careless_cancellation_token_is_noticed() =>
        new[] { typeof(ICareless), typeof(Careless) }.SelectMany(CarelessTokens).Should().BeEquivalentTo(
            "Careless.FirstAsync: the token is not last",
            "Careless.OptionalAsync: the token has a default",
            "ICareless.OwnAsync: the token has a default");

    [Fact]
    public void A_seam_has_four_methods_or_fewer() =>
        Assembly.Load("OssProxy.Core").GetTypes()
            .Where(type => type.IsInterface && Methods(type) > 4)
            .Select(type => $"{type.Name}: {Methods(type)} methods").Should().BeEmpty();

    [Fact]
    public void The_methods_of_a_seam_are_counted() => Methods(typeof(ICareless)).Should().Be(1);

    private static int Methods(Type seam) => seam.GetMethods(OwnMembers).Count(method => !method.IsSpecialName);

    private static IEnumerable<string> CarelessTokens(Type type)
    {
        // Lambdas, local functions and state machines carry names that no programmer can write.
        if (type.Name.Contains('<', StringComparison.Ordinal) || type.IsDefined(typeof(CompilerGeneratedAttribute)))
            yield break;

        var foreign = ImplementedForOthers(type);
        foreach (var member in type.GetMethods(OwnMembers).Cast<MethodBase>().Concat(type.GetConstructors(OwnMembers)))
        {
            if (member.Name.Contains('<', StringComparison.Ordinal)
                || (member is MethodInfo method && (IsForeign(method.GetBaseDefinition().DeclaringType!) || foreign.Contains(method)))
                || (typeof(Delegate).IsAssignableFrom(type) && member.Name == "BeginInvoke"))
                continue;

            var parameters = member.GetParameters();
            foreach (var token in parameters.Where(parameter => parameter.ParameterType == typeof(CancellationToken)))
            {
                if (token.Position != parameters.Length - 1)
                    yield return $"{type.Name}.{member.Name}: the token is not last";
                else if (token.HasDefaultValue)
                    yield return $"{type.Name}.{member.Name}: the token has a default";
            }
        }
    }

    private static HashSet<MethodInfo> ImplementedForOthers(Type type) => type.IsInterface
        ? []
        : [.. type.GetInterfaces().Where(IsForeign).SelectMany(seam => type.GetInterfaceMap(seam).TargetMethods)];

    // The framework's own signatures often give the token a default.
    private static bool IsForeign(Type type) => type.Assembly.GetName().Name!.StartsWith("OssProxy.", StringComparison.Ordinal) is false;

    private interface ICareless
    {
        Task OwnAsync(CancellationToken cancellationToken = default);
    }

    private sealed class Careless : Stream, IAsyncEnumerable<int>
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => 0;

        public override long Position { get; set; }

#pragma warning disable CA1068 // It is here to be noticed.
        public static Task FirstAsync(CancellationToken cancellationToken, int other) => Task.Delay(other, cancellationToken);
#pragma warning restore CA1068

        public static Task OptionalAsync(int other, CancellationToken cancellationToken = default) => Task.Delay(other, cancellationToken);

        public static Task CarefulAsync(int other, CancellationToken cancellationToken) => Task.Delay(other, cancellationToken);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);

        public IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<int>().GetAsyncEnumerator(cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override long Seek(long offset, SeekOrigin origin) => 0;

        public override void SetLength(long value)
        {
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
        }
    }
}

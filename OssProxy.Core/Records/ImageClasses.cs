#pragma warning disable MA0025, CS9113 // Until it is furnished.
namespace OssProxy.Core.Records;

/// <summary>The tree of classes. A handful of rows, read whole where a tree is asked for.</summary>
public sealed class ImageClasses(RecordsDatabase database, TimeProvider time)
{
    /// <summary>The deepest that a class may lie; a root lies at 1.</summary>
    public const int MaxDepth = 16;

    /// <summary>All classes, by <see cref="ImageClass.Order"/>, then id.</summary>
    public Task<IReadOnlyList<ImageClass>> AllAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A class and those above it, itself first, the root last; empty when there is no such class. One query: it is on the way of
    /// every upload into a class.</summary>
    public Task<IReadOnlyList<ImageClass>> LineageAsync(long id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Creates a class.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNameTaken"/>, <see cref="RecordsError.ClassParentInvalid"/>.</exception>
    public Task<ImageClass> CreateAsync(ClassDraft draft, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Changes a class.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>, <see cref="RecordsError.ClassNameTaken"/>,
    /// <see cref="RecordsError.ClassParentInvalid"/>.</exception>
    public Task UpdateAsync(long id, ClassDraft draft, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Gives a class a policy of its own, or takes it away.</summary>
    /// <param name="policy">JSON that has been read and found good.</param>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>.</exception>
    public Task SetPolicyAsync(long id, string? policy, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Removes a class and all below it, and in the same transaction marks their images deleted and queues the deletions.</summary>
    /// <param name="retentions">How long what is deleted can be restored.</param>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>.</exception>
    public Task DeleteAsync(long id, Retentions retentions, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What each class holds; classes that hold nothing are left out. Class 0 is what is in none.</summary>
    public Task<IReadOnlyList<ClassUsage>> UsageAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}

using OssProxy.Tests.Records;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("OssProxy.Tests.LongestFirst", "OssProxy.Tests")]

namespace OssProxy.Tests;

/// <summary>The classes that share PostgreSQL run one after the other, for half of the whole time: begun late, they run on alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => collection.DisplayName == PostgresCollection.Name);
}

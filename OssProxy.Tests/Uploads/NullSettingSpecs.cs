using System.Text;
using Microsoft.Extensions.Configuration;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

public sealed class NullSettingSpecs
{
    [Theory]
    [InlineData(typeof(UploadOptions))]
    [InlineData(typeof(StorageOptions))]
    [InlineData(typeof(LocalStoreOptions))]
    [InlineData(typeof(DataOptions))]
    [InlineData(typeof(JwtOptions))]
    [InlineData(typeof(MiniappEntry))]
    public void A_null_in_a_settings_file_is_an_empty_text_and_no_surprise(Type type)
    {
        var texts = type.GetProperties().Where(property => property.PropertyType == typeof(string) && property.CanWrite).ToList();
        var json = "{" + string.Join(',', texts.Select(property => $"\"{property.Name}\":null")) + "}";
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

        var options = configuration.Get(type) ?? Activator.CreateInstance(type);

        texts.Should().NotBeEmpty().And.AllSatisfy(property => property.GetValue(options).Should().NotBeNull(property.Name));
    }
}

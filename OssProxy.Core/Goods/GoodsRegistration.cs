using Microsoft.Extensions.DependencyInjection;

namespace OssProxy.Core.Goods;

/// <summary>What this room gives to others.</summary>
internal static class GoodsRegistration
{
    /// <param name="keepsRecords">Whether there is a database; without one there are no goods.</param>
    public static void AddGoods(this IServiceCollection services, bool keepsRecords)
    {
        if (keepsRecords)
            services.AddSingleton<OwnAddresses>().AddSingleton<GoodsImages>().AddSingleton<GoodsShelf>();
    }
}

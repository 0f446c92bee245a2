using OssProxy.Core.Identity;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Access;

/// <summary>As whom a caller sends files.</summary>
internal static class Senders
{
    public static Sender Of(Entry entry, GuestOptions guests)
    {
        var caller = entry.Caller;
        var sender = new Sender(caller.Owner, caller.Kind == CallerKind.Guest && !caller.IsKnown ? "client" : caller.Name)
        {
            OpensEveryClass = caller.Kind is CallerKind.Admin or CallerKind.Machine,
            Classes = caller.Scope is { Classes.Count: > 0 } scope ? scope.Classes : null,
        };

        // A guest who wants to be another has only to say so; the address is what they cannot choose as easily.
        return caller.Kind != CallerKind.Guest ? sender : sender with
        {
            CountedAs = "address:" + entry.Address,
            MaxFileBytes = Limit(guests.MaxFileBytes),
            FilesPerDay = Limit(guests.FilesPerDay),
            BytesPerDay = Limit(guests.BytesPerDay),
        };
    }

    private static long? Limit(long configured) => configured == 0 ? null : configured;
}

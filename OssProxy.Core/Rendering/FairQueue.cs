namespace OssProxy.Core.Rendering;

/// <summary>
/// A queue in which no client waits for all that another has asked for: each has a line of its own, first in, first out, and the lines take
/// turns (fair queueing as in RFC 970). Whoever asks for one thing waits for one of everybody else's at most. Not safe for several threads
/// at once: its owner has a lock already.
/// </summary>
internal sealed class FairQueue<T>
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly LinkedList<Line> _turns = new();

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>The place whose turn it is; null when nobody waits.</summary>
    public Place? First => _turns.First?.Value.Places.First?.Value;

    /// <summary>Of each client the place in front, in the order of their turns.</summary>
    public IEnumerable<Place> Heads => _turns.Select(line => line.Places.First!.Value);

    /// <summary>Those who wait, line by line.</summary>
    public IEnumerable<T> All => _turns.SelectMany(line => line.Places, (_, place) => place.Item);

    /// <summary>Goes to the end of a client's line, which takes its turn after all others when it is a new one.</summary>
    public Place Add(string client, T item)
    {
        if (!_lines.TryGetValue(client, out var line))
        {
            _lines.Add(client, line = new Line(client));
            line.Turn = _turns.AddLast(line);
        }

        var place = new Place(item, line);
        place.Node = line.Places.AddLast(place);
        Count++;
        return place;
    }

    /// <summary>Goes back to where it was taken from: to the head of a client's line, whose turn it is then.</summary>
    public Place AddFirst(string client, T item)
    {
        if (_lines.TryGetValue(client, out var line))
            _turns.Remove(line.Turn!);
        else
            _lines.Add(client, line = new Line(client));
        line.Turn = _turns.AddFirst(line);
        var place = new Place(item, line);
        place.Node = line.Places.AddFirst(place);
        Count++;
        return place;
    }

    /// <summary>Takes out the place whose turn it is; the line behind it has had its turn.</summary>
    public bool TryTake(out T item)
    {
        if (First is not { } first)
        {
            item = default!;
            return false;
        }

        item = first.Item;
        return Take(first);
    }

    /// <summary>Takes out a place that <see cref="Heads"/> has shown; its line has had its turn.</summary>
    public bool Take(Place place)
    {
        var line = place.Line;
        if (place.Node is not { List: not null })
            return false;
        _turns.Remove(line.Turn!);
        line.Turn = _turns.AddLast(line);
        return Remove(place);
    }

    /// <summary>Gives a place up; false when it is none any more.</summary>
    public bool Remove(Place place)
    {
        if (place.Node is not { List: not null } node)
            return false;
        var line = place.Line;
        line.Places.Remove(node);
        Count--;
        if (line.Places.Count == 0)
        {
            _lines.Remove(line.Client);
            _turns.Remove(line.Turn!);
        }

        return true;
    }

    /// <summary>The last place of the longest line, if that is longer than the line of this client would be with one more; else null.
    /// </summary>
    public Place? LastOfLongerThan(string client)
    {
        var own = _lines.TryGetValue(client, out var line) ? line.Places.Count : 0;
        var longest = _turns.MaxBy(one => one.Places.Count);
        return longest?.Places.Count > own + 1 ? longest.Places.Last!.Value : null;
    }

    public void Clear()
    {
        // So that a place which somebody still holds is none any more.
        foreach (var line in _turns)
            line.Places.Clear();
        _lines.Clear();
        _turns.Clear();
        Count = 0;
    }

    /// <summary>Where somebody waits.</summary>
    internal sealed class Place(T item, Line line)
    {
        public T Item { get; } = item;

        internal Line Line { get; } = line;

        internal LinkedListNode<Place>? Node { get; set; }
    }

    /// <summary>Those of one client.</summary>
    internal sealed class Line(string client)
    {
        public string Client { get; } = client;

        public LinkedList<Place> Places { get; } = new();

        public LinkedListNode<Line>? Turn { get; set; }
    }
}

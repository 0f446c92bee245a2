using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace OssProxy.Core.Records;

/// <summary>The statements of one connection, each compiled once: compiling costs SQLite several times as much as running. For one caller at
/// a time; the texts must be constants, because none is ever forgotten.</summary>
internal sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>Runs a statement and returns the number of rows it changed.</summary>
    public int Run(string sql, object? values = null) => Command(sql, values).ExecuteNonQuery();

    /// <summary>Runs a statement and returns the first column of its first row; null when there is none.</summary>
    public object? Scalar(string sql, object? values = null) => Command(sql, values).ExecuteScalar() is var value and not DBNull ? value : null;

    public void Dispose()
    {
        foreach (var command in _commands.Values)
            command.Dispose();
        _commands.Clear();
    }

    private SqliteCommand Command(string sql, object? values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            _commands.Add(sql, command);
        }

        foreach (var property in values is null ? [] : Properties.GetOrAdd(values.GetType(), static type => type.GetProperties()))
        {
            var value = property.GetValue(values) ?? DBNull.Value;
            var name = "@" + property.Name;
            if (command.Parameters.Contains(name))
                command.Parameters[name].Value = value;
            else
                command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}

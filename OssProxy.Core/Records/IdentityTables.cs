namespace OssProxy.Core.Records;

/// <summary>The third step of the schema: who is asking. Of tokens and keys only the SHA-256 is kept, of passwords only the salted hash.</summary>
internal static class IdentityTables
{
    /// <summary>With <c>{id}</c> for a number that is given out once.</summary>
    public const string Both = """
        CREATE TABLE app_user ({id},
            name text NOT NULL DEFAULT '',
            status integer NOT NULL DEFAULT 1,
            create_time bigint NOT NULL
        );
        CREATE TABLE user_identity (
            provider text NOT NULL,
            app text NOT NULL,
            open_id text NOT NULL,
            user_id bigint NOT NULL,
            create_time bigint NOT NULL,
            PRIMARY KEY (provider, app, open_id)
        );
        CREATE INDEX user_identity_user ON user_identity (user_id);
        CREATE TABLE user_union (
            provider text NOT NULL,
            union_id text NOT NULL,
            user_id bigint NOT NULL,
            PRIMARY KEY (provider, union_id)
        );
        CREATE TABLE account ({id},
            name text NOT NULL,
            name_key text NOT NULL UNIQUE,
            password text NOT NULL,
            status integer NOT NULL DEFAULT 1,
            create_time bigint NOT NULL,
            update_time bigint NOT NULL
        );
        CREATE TABLE session ({id},
            token_hash text NOT NULL UNIQUE,
            kind text NOT NULL CHECK (kind IN ('user', 'admin', 'guest')),
            subject bigint NOT NULL,
            device text NOT NULL,
            create_time bigint NOT NULL,
            used_at bigint NOT NULL,
            expires_at bigint NOT NULL
        );
        CREATE INDEX session_subject ON session (kind, subject, used_at);
        CREATE INDEX session_expiry ON session (expires_at);
        CREATE TABLE api_key ({id},
            name text NOT NULL,
            token_hash text NOT NULL UNIQUE,
            rights text NOT NULL,
            classes text NOT NULL,
            create_time bigint NOT NULL,
            used_at bigint NULL,
            revoked_at bigint NULL
        );
        CREATE TABLE sign_in_attempt (
            name text NOT NULL,
            address text NOT NULL,
            failures bigint NOT NULL,
            expires_at bigint NOT NULL,
            PRIMARY KEY (name, address)
        );
        CREATE INDEX sign_in_attempt_expiry ON sign_in_attempt (expires_at);
        CREATE TABLE audit_event ({id},
            at bigint NOT NULL,
            actor text NOT NULL,
            action text NOT NULL,
            subject text NOT NULL,
            address text NOT NULL,
            detail text NOT NULL
        );
        CREATE INDEX audit_event_at ON audit_event (at);
        CREATE INDEX image_owner ON image (owner, id) WHERE state = 'stored' AND deleted_at IS NULL AND owner <> '';
        """;

    /// <summary>What is counted in the database only where several processes count together. A crash of the server may forget it: it is worth
    /// a minute, and costs no journal so. With room on each page a count is changed in place, without a look at the index.</summary>
    public const string Shared = """
        CREATE UNLOGGED TABLE rate_count (
            subject text PRIMARY KEY,
            minute bigint NOT NULL,
            count bigint NOT NULL
        ) WITH (fillfactor = 50);
        CREATE UNLOGGED TABLE upload_place (
            id uuid NOT NULL,
            subject text NOT NULL,
            expires_at bigint NOT NULL,
            PRIMARY KEY (id, subject)
        ) WITH (fillfactor = 50);
        CREATE INDEX upload_place_subject ON upload_place (subject);
        """;
}

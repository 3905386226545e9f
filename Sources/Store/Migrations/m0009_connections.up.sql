-- The keys that a workspace's secrets are sealed with, each sealed by the master key called master_id. The one with
-- the highest number seals.
create table workspace_keys (
    workspace_id text not null references workspaces (id),
    id text not null,
    number bigint not null,
    master_id text not null,
    sealed text not null,
    created_at bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, number)
);

create index workspace_keys_by_master on workspace_keys (master_id);

-- Ways into services outside. settings is a JSON object of what is no secret, scopes a JSON array.
create table connections (
    workspace_id text not null references workspaces (id),
    id text not null,
    provider text not null,
    name text not null,
    status text not null check (status in ('active', 'needs_reauth', 'disabled')),
    settings text not null,
    scopes text not null,
    health text not null check (health in ('unknown', 'ok', 'failing')),
    checked_at bigint,
    last_sync_at bigint,
    last_error text,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, provider, name)
);

-- What a connection gets in with, sealed with the workspace key called key_id. turn grows with each change, so that
-- of two processes that renew it one wins; until renewing_until one of them asks the provider.
create table connection_secrets (
    workspace_id text not null,
    connection_id text not null,
    key_id text not null,
    sealed text not null,
    expires_at bigint,
    turn bigint not null,
    renewing_until bigint,
    primary key (workspace_id, connection_id),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade,
    foreign key (workspace_id, key_id) references workspace_keys (workspace_id, id)
);

create index connection_secrets_by_key on connection_secrets (workspace_id, key_id);

-- Consents that people were sent to a provider for. digest is the SHA-256 of the state, binding that of what their
-- browser keeps; sealed holds the code verifier and the secret fields.
create table consents (
    workspace_id text not null references workspaces (id),
    id text not null,
    digest text not null unique,
    binding text not null,
    user_id text not null,
    session_id text,
    provider text not null,
    connection_id text,
    name text not null,
    settings text not null,
    redirect text,
    key_id text not null,
    sealed text not null,
    expires_at bigint not null,
    used_at bigint,
    primary key (workspace_id, id),
    foreign key (workspace_id, user_id) references users (workspace_id, id),
    foreign key (workspace_id, key_id) references workspace_keys (workspace_id, id)
);

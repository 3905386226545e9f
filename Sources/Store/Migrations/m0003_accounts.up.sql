-- A person, in any number of workspaces. email is in lower case; notification_channels is a JSON list.
create table accounts (
    id text not null primary key,
    email text not null unique,
    name text not null,
    password_hash text not null,
    time_zone text not null,
    locale text not null,
    notification_channels text not null,
    quiet_from text,
    quiet_to text,
    created_at bigint not null,
    updated_at bigint not null,
    deactivated_at bigint,
    version bigint not null
);

-- A user is an account's membership of a workspace. account_id is null for who only has API keys; changed_at is when
-- the role changed or the user was removed, which open connections must hear of.
alter table users add column account_id text;
alter table users add column removed_at bigint;
alter table users add column changed_at bigint;
alter table users add column version bigint not null default 1;

create unique index users_by_account on users (account_id, workspace_id);
create index users_by_change on users (changed_at) where changed_at is not null;

-- scopes are words parted by spaces.
alter table api_keys add column scopes text not null default '*';
alter table api_keys add column expires_at bigint;

create index api_keys_by_revocation on api_keys (revoked_at) where revoked_at is not null;

alter table workspaces add column version bigint not null default 1;

-- One login and all the tokens that follow from it.
create table sessions (
    id text not null primary key,
    account_id text not null references accounts (id),
    workspace_id text not null references workspaces (id),
    user_agent text not null,
    ip text not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);

create index sessions_by_account on sessions (account_id, id);
create index sessions_by_revocation on sessions (revoked_at) where revoked_at is not null;

-- The tokens themselves are not kept: digest is the SHA-256 of one in hex, and child the next one, sealed under the
-- one before it.
create table refresh_tokens (
    digest text not null primary key,
    session_id text not null references sessions (id) on delete cascade,
    created_at bigint not null,
    used_at bigint,
    child bytea
);

create index refresh_tokens_by_session on refresh_tokens (session_id);

-- Logins that failed, by address, whether or not there is an account of it.
create table login_tries (
    email text not null primary key,
    tries bigint not null,
    last_at bigint not null,
    until bigint not null
);

create index login_tries_by_age on login_tries (last_at);

-- What happened to the safety of an account.
create table account_events (
    id text not null primary key,
    account_id text not null references accounts (id),
    kind text not null,
    session_id text,
    at bigint not null
);

create index account_events_by_account on account_events (account_id, id);

-- What the house made up for itself, for all of its processes.
create table secrets (
    name text not null primary key,
    value text not null,
    created_at bigint not null
);

create table invitations (
    workspace_id text not null references workspaces (id),
    id text not null,
    email text not null,
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    digest text not null unique,
    invited_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    accepted_at bigint,
    revoked_at bigint,
    primary key (workspace_id, id),
    foreign key (workspace_id, invited_by) references users (workspace_id, id)
);

-- Times are microseconds since 1970 UTC. A primary key starts with the workspace, so that every reference stays
-- within one workspace. The same text runs on SQLite and PostgreSQL.

create table workspaces (
    id text not null primary key,
    name text not null,
    created_at bigint not null
);

create table users (
    workspace_id text not null references workspaces (id),
    id text not null,
    email text not null,
    name text not null,
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    created_at bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, email)
);

-- The key itself is not kept: hash is the SHA-256 of it, in hex.
create table api_keys (
    workspace_id text not null,
    id text not null,
    user_id text not null,
    name text not null,
    hash text not null unique,
    created_at bigint not null,
    last_used_at bigint,
    revoked_at bigint,
    primary key (workspace_id, id),
    foreign key (workspace_id, user_id) references users (workspace_id, id)
);

create table projects (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    description text not null,
    status text not null check (status in ('active', 'completed', 'on_hold')),
    deadline bigint,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index projects_by_name on projects (workspace_id, name);

-- time_estimate and time_spent are hours. import_key names the row of an import, so that none is added twice.
create table tasks (
    workspace_id text not null references workspaces (id),
    id text not null,
    title text not null,
    description text not null,
    status text not null check (status in ('todo', 'in_progress', 'done')),
    priority text not null check (priority in ('low', 'medium', 'high')),
    project_id text,
    assigned_to text,
    time_estimate double precision,
    time_spent double precision,
    due_date bigint,
    completed_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    import_key text,
    primary key (workspace_id, id),
    unique (workspace_id, import_key),
    foreign key (workspace_id, project_id) references projects (workspace_id, id)
);

create index tasks_by_status on tasks (workspace_id, status, id);
create index tasks_by_project on tasks (workspace_id, project_id, id);
create index tasks_by_assigned on tasks (workspace_id, assigned_to, id);
create index tasks_by_due on tasks (workspace_id, due_date);
create index tasks_by_title on tasks (workspace_id, title);

create table task_dependencies (
    workspace_id text not null,
    task_id text not null,
    depends_on text not null,
    primary key (workspace_id, task_id, depends_on),
    foreign key (workspace_id, task_id) references tasks (workspace_id, id) on delete cascade,
    foreign key (workspace_id, depends_on) references tasks (workspace_id, id) on delete cascade
);

create index task_dependencies_back on task_dependencies (workspace_id, depends_on);

-- Jobs accepted durably: written with the business row, pushed to Redis after the commit. id is the job's.
create table outbox (
    id text not null primary key,
    workspace_id text not null references workspaces (id),
    queue text not null,
    envelope bytea not null,
    created_at bigint not null,
    pushed_at bigint,
    attempts bigint not null default 0
);

create index outbox_waiting on outbox (created_at, id) where pushed_at is null;
create index outbox_pushed on outbox (pushed_at) where pushed_at is not null;

-- The ledger of outward calls: an intent before, a receipt after. detail is the receipt, or why it failed.
create table effects (
    workspace_id text not null references workspaces (id),
    key text not null,
    provider text not null,
    request_hash text not null,
    state text not null check (state in ('intent', 'receipt', 'unknown', 'failed')),
    detail text,
    job_id text not null,
    attempt bigint not null,
    begun_at bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, key)
);

create index effects_by_state on effects (workspace_id, state, updated_at);

create table idempotency (
    workspace_id text not null references workspaces (id),
    key text not null,
    fingerprint text not null,
    status bigint,
    response text,
    created_at bigint not null,
    primary key (workspace_id, key)
);

create index idempotency_by_age on idempotency (created_at);

-- errors is a JSON array.
create table imports (
    workspace_id text not null references workspaces (id),
    job_id text not null,
    offset_bytes bigint not null,
    line bigint not null,
    created bigint not null,
    rejected bigint not null,
    errors text not null,
    imported_at bigint not null,
    primary key (workspace_id, job_id)
);

-- What integrations without credentials delivered, here instead of outside.
create table sandbox_messages (
    workspace_id text not null references workspaces (id),
    id text not null,
    channel text not null,
    recipient text not null,
    subject text,
    body text not null,
    raw text not null,
    created_at bigint not null,
    primary key (workspace_id, id)
);

create table notes (
    workspace_id text not null references workspaces (id),
    id text not null,
    author_id text not null,
    title text not null,
    body text not null,
    kind text not null check (kind in ('personal', 'event', 'meeting')),
    event_id text,
    task_id text,
    tags text not null,
    pinned bigint not null,
    shared bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index notes_by_author on notes (workspace_id, author_id, id);
create index notes_by_event on notes (workspace_id, event_id);
create index notes_by_task on notes (workspace_id, task_id);

create table dev_projects (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    description text not null,
    repository_url text,
    languages text not null,
    status text not null check (status in ('planning', 'active', 'paused', 'completed', 'archived')),
    branch text not null,
    project_id text,
    last_activity_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index dev_projects_by_project on dev_projects (workspace_id, project_id);

-- parameters is a JSON array of {name, type}.
create table voice_commands (
    workspace_id text not null references workspaces (id),
    id text not null,
    phrase text not null,
    language text not null,
    action text not null,
    parameters text not null,
    needs_confirmation bigint not null,
    wake_word text,
    enabled bigint not null,
    usage_count bigint not null,
    last_used_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create unique index voice_commands_by_phrase on voice_commands (workspace_id, language, lower(phrase));

create table notifications (
    workspace_id text not null references workspaces (id),
    id text not null,
    user_id text not null,
    kind text not null,
    title text not null,
    body text not null,
    subject_id text,
    read_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index notifications_by_user on notifications (workspace_id, user_id, id);
create index notifications_unread on notifications (workspace_id, user_id, id) where read_at is null;

-- Recordings and what was heard in them. A recording lies in the folder of uploads under the row's id, until it was
-- heard. fingerprint stands for the sound and all that decides what is heard in it.
create table transcripts (
    workspace_id text not null references workspaces (id),
    id text not null,
    purpose text not null check (purpose in ('transcript', 'command')),
    status text not null check (status in ('queued', 'running', 'done', 'failed')),
    text text,
    language text,
    duration_s double precision,
    media_type text not null,
    bytes bigint not null,
    sha256 text not null,
    model text,
    prompt text,
    transcriber text,
    connection_id text,
    fingerprint text,
    reused bigint not null,
    job_id text not null,
    run_id text,
    error text,
    user_id text,
    scopes text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index transcripts_by_fingerprint on transcripts (workspace_id, fingerprint);
create index transcripts_by_user on transcripts (workspace_id, user_id, id);

-- Commands that were heard. parameters and result are JSON objects.
create table voice_runs (
    workspace_id text not null references workspaces (id),
    id text not null,
    transcript_id text,
    command_id text,
    phrase text not null,
    action text not null,
    parameters text not null,
    status text not null check (
        status in ('awaiting_confirmation', 'running', 'done', 'failed', 'cancelled', 'expired')),
    said text,
    result text not null,
    error text,
    job_id text,
    expires_at bigint,
    user_id text,
    scopes text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create unique index voice_runs_by_transcript on voice_runs (workspace_id, transcript_id);
create index voice_runs_by_user on voice_runs (workspace_id, user_id, id);

-- What somebody works on since when, as they said.
create table voice_timers (
    workspace_id text not null references workspaces (id),
    user_id text not null,
    task_id text not null,
    started_at bigint not null,
    primary key (workspace_id, user_id)
);

create table voice_settings (
    workspace_id text not null references workspaces (id),
    confirm_changes bigint not null,
    primary key (workspace_id)
);

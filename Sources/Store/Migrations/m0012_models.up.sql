-- What the workspace wants of language models; its id is that of the workspace.
create table ai_settings (
    workspace_id text not null references workspaces (id),
    id text not null,
    models text not null,
    prices text not null,
    day_budget_micro bigint,
    month_budget_micro bigint,
    most_tokens bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create table conversations (
    workspace_id text not null references workspaces (id),
    id text not null,
    title text not null,
    contact_id text,
    user_id text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index conversations_by_user on conversations (workspace_id, user_id, id);

create table chat_messages (
    workspace_id text not null references workspaces (id),
    id text not null,
    conversation_id text not null,
    role text not null check (role in ('user', 'assistant')),
    content text not null,
    model text,
    job_id text,
    user_id text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, conversation_id) references conversations (workspace_id, id) on delete cascade
);

create index chat_messages_by_conversation on chat_messages (workspace_id, conversation_id, id);

-- What a model proposed; seal is the digest of what may be approved, sealed with the workspace key seal_key.
create table ai_actions (
    workspace_id text not null references workspaces (id),
    id text not null,
    conversation_id text,
    tool text not null,
    parameters text not null,
    summary text not null,
    reason text,
    status text not null,
    digest text not null,
    expires_at bigint not null,
    decided_at bigint,
    result text,
    error text,
    job_id text,
    user_id text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index ai_actions_by_user on ai_actions (workspace_id, user_id, id);

create table ai_action_seals (
    workspace_id text not null references workspaces (id),
    action_id text not null,
    key_id text not null,
    sealed text not null,
    primary key (workspace_id, action_id)
);

-- One call of a model each, with what it cost in millionths of the workspace's unit of money.
create table model_usage (
    workspace_id text not null references workspaces (id),
    id text not null,
    job_id text not null,
    connection_id text not null,
    model text not null,
    purpose text not null,
    input_tokens bigint not null,
    cached_tokens bigint not null,
    output_tokens bigint not null,
    cost_micro bigint not null,
    is_estimate bigint not null,
    created_at bigint not null,
    primary key (workspace_id, id)
);

create index model_usage_by_job on model_usage (workspace_id, job_id);

-- What was spent in a day (2026-03-01) or a month (2026-03), and what calls on their way may still cost.
create table model_spends (
    workspace_id text not null references workspaces (id),
    period text not null,
    spent_micro bigint not null,
    reserved_micro bigint not null,
    primary key (workspace_id, period)
);

create table model_reservations (
    workspace_id text not null references workspaces (id),
    id text not null,
    job_id text not null,
    day text not null,
    month text not null,
    amount_micro bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, id)
);

create index model_reservations_by_end on model_reservations (workspace_id, expires_at);

-- A channel more, and what goes with a message: the connection it is sent through, a template of the provider, the
-- addresses of media, the ids of files. SQLite cannot change a check, so the tables are made anew.
create table messages_next (
    workspace_id text not null references workspaces (id),
    id text not null,
    channel text not null
        check (channel in ('email', 'whatsapp', 'telegram', 'sms', 'slack', 'discord', 'teams', 'in_app')),
    direction text not null check (direction in ('in', 'out')),
    status text not null check (status in
        ('draft', 'queued', 'scheduled', 'sent', 'delivered', 'read', 'failed', 'received')),
    subject text,
    body text not null,
    format text not null check (format in ('text', 'html', 'markdown')),
    from_address text,
    "to" text not null,
    contact_id text,
    thread_id text not null,
    in_reply_to text,
    task_id text,
    sent_at bigint,
    occurred_at bigint not null,
    read_at bigint,
    send_at bigint,
    external_id text,
    receipt text,
    error text,
    job_id text,
    connection_id text,
    content text,
    media text not null,
    files text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, channel, external_id)
);

insert into messages_next (
    workspace_id, id, channel, direction, status, subject, body, format, from_address, "to", contact_id,
    thread_id, in_reply_to, task_id, sent_at, occurred_at, read_at, send_at, external_id, receipt, error,
    job_id, created_at, updated_at, version, media, files
) select
    workspace_id, id, channel, direction, status, subject, body, format, from_address, "to", contact_id,
    thread_id, in_reply_to, task_id, sent_at, occurred_at, read_at, send_at, external_id, receipt, error,
    job_id, created_at, updated_at, version, '[]', '[]'
from messages;

drop table messages;
alter table messages_next rename to messages;

create index messages_by_time on messages (workspace_id, occurred_at, id);
create index messages_by_channel on messages (workspace_id, channel, id);
create index messages_by_status on messages (workspace_id, status, id);
create index messages_by_thread on messages (workspace_id, thread_id, occurred_at, id);
create index messages_by_contact on messages (workspace_id, contact_id, id);
create index messages_by_task on messages (workspace_id, task_id, id);
create index messages_unread on messages (workspace_id, id) where direction = 'in' and read_at is null;
create index messages_from on messages (workspace_id, channel, from_address, occurred_at) where direction = 'in';

create table message_templates_next (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    channel text not null
        check (channel in ('email', 'whatsapp', 'telegram', 'sms', 'slack', 'discord', 'teams', 'in_app')),
    format text not null check (format in ('text', 'html', 'markdown')),
    subject text,
    body text not null,
    description text not null,
    variables text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, name)
);

insert into message_templates_next (
    workspace_id, id, name, channel, format, subject, body, description, variables, created_at, updated_at,
    version
) select
    workspace_id, id, name, channel, format, subject, body, description, variables, created_at, updated_at,
    version
from message_templates;

drop table message_templates;
alter table message_templates_next rename to message_templates;

-- What the provider calls what was done, so that two calls never take the same thing for their own.
alter table effects add column external_id text;
create index effects_by_external on effects (workspace_id, provider, external_id);

-- Addresses that a channel does not reach any more, until somebody writes from there.
create table lost_addresses (
    workspace_id text not null references workspaces (id),
    channel text not null,
    address text not null,
    reason text not null,
    created_at bigint not null,
    primary key (workspace_id, channel, address)
);

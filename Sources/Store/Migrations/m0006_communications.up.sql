create table contacts (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    emails text not null,
    phones text not null,
    telegram text,
    company text,
    notes text not null,
    tags text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index contacts_by_name on contacts (workspace_id, name, id);

-- The addresses of contacts, each by itself. An e-mail address has one contact; a telephone may ring for several.
create table contact_addresses (
    workspace_id text not null,
    kind text not null check (kind in ('email', 'phone', 'telegram')),
    address text not null,
    contact_id text not null,
    primary key (workspace_id, kind, address, contact_id),
    foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete cascade
);

create unique index contact_addresses_of_mail on contact_addresses (workspace_id, address) where kind = 'email';
create index contact_addresses_by_contact on contact_addresses (workspace_id, contact_id);

-- variables is a JSON array of names.
create table message_templates (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    channel text not null
        check (channel in ('email', 'whatsapp', 'telegram', 'sms', 'slack', 'teams', 'in_app')),
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

-- key is a digest of what the messages of a thread have in common; last_at is the time of the newest.
create table message_threads (
    workspace_id text not null references workspaces (id),
    id text not null,
    channel text not null,
    key text not null,
    last_at bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, key)
);

create index message_threads_by_time on message_threads (workspace_id, last_at, id);

-- "to" is a JSON array of addresses; receipt is a JSON object.
create table messages (
    workspace_id text not null references workspaces (id),
    id text not null,
    channel text not null
        check (channel in ('email', 'whatsapp', 'telegram', 'sms', 'slack', 'teams', 'in_app')),
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
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, channel, external_id)
);

create index messages_by_time on messages (workspace_id, occurred_at, id);
create index messages_by_channel on messages (workspace_id, channel, id);
create index messages_by_status on messages (workspace_id, status, id);
create index messages_by_thread on messages (workspace_id, thread_id, occurred_at, id);
create index messages_by_contact on messages (workspace_id, contact_id, id);
create index messages_by_task on messages (workspace_id, task_id, id);
create index messages_unread on messages (workspace_id, id) where direction = 'in' and read_at is null;

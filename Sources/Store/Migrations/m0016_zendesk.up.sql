-- One row a ticket with its task. ticket_id is null while a task's ticket is not made, task_id while a ticket has no
-- task. ticket is a JSON object, the ticket as it was seen last; agreed is one of what both sides held when they last
-- agreed, pending of what was sent and is not confirmed. changed_at is the newest change there that is known of, read_at
-- when all of it was read, both by Zendesk's clock. turn grows with each change, so that of two attempts one wins.
create table zendesk_tickets (
    workspace_id text not null,
    connection_id text not null,
    id text not null,
    ticket_id bigint,
    task_id text,
    contact_id text,
    ticket text not null,
    agreed text not null,
    pending text not null,
    changed_at bigint not null,
    read_at bigint not null,
    local_version bigint not null,
    local_at bigint not null,
    state text not null check (state in ('open', 'closed', 'ended')),
    error text,
    turn bigint not null,
    created_at bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, connection_id, ticket_id),
    unique (workspace_id, connection_id, task_id),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
);

create index zendesk_tickets_by_task on zendesk_tickets (workspace_id, task_id);

-- Which comment here is which there; the description of a ticket has none here.
create table zendesk_comments (
    workspace_id text not null,
    pair_id text not null,
    remote_id bigint not null,
    comment_id text,
    primary key (workspace_id, pair_id, remote_id),
    unique (workspace_id, pair_id, comment_id),
    foreign key (workspace_id, pair_id) references zendesk_tickets (workspace_id, id) on delete cascade
);

-- What is known of tickets outlives their connection: account is the account's subdomain while no connection to it
-- holds them, and the next one takes them over. SQLite takes a foreign key off no table, so both are made anew.
create table zendesk_pairs (
    workspace_id text not null references workspaces (id),
    connection_id text not null,
    account text,
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
    unique (workspace_id, connection_id, task_id)
);

insert into zendesk_pairs (
    workspace_id, connection_id, id, ticket_id, task_id, contact_id, ticket, agreed, pending, changed_at, read_at,
    local_version, local_at, state, error, turn, created_at)
select
    workspace_id, connection_id, id, ticket_id, task_id, contact_id, ticket, agreed, pending, changed_at, read_at,
    -- What was closed before there were follow-ups stays as it was left: none is made of old remarks.
    local_version, local_at, case when state = 'closed' then 'ended' else state end, error, turn, created_at
from zendesk_tickets;

create table zendesk_replies (
    workspace_id text not null,
    pair_id text not null,
    remote_id bigint not null,
    comment_id text,
    primary key (workspace_id, pair_id, remote_id),
    unique (workspace_id, pair_id, comment_id),
    foreign key (workspace_id, pair_id) references zendesk_pairs (workspace_id, id) on delete cascade
);

insert into zendesk_replies (workspace_id, pair_id, remote_id, comment_id)
select c.workspace_id, c.pair_id, c.remote_id, c.comment_id from zendesk_comments c;

drop table zendesk_comments;
drop table zendesk_tickets;
alter table zendesk_pairs rename to zendesk_tickets;
alter table zendesk_replies rename to zendesk_comments;

create index zendesk_tickets_by_task on zendesk_tickets (workspace_id, task_id);
create index zendesk_tickets_by_account on zendesk_tickets (workspace_id, account);

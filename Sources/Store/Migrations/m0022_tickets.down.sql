create table zendesk_former (
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

insert into zendesk_former (
    workspace_id, connection_id, id, ticket_id, task_id, contact_id, ticket, agreed, pending, changed_at, read_at,
    local_version, local_at, state, error, turn, created_at)
select
    workspace_id, connection_id, id, ticket_id, task_id, contact_id, ticket, agreed, pending, changed_at, read_at,
    local_version, local_at, state, error, turn, created_at
from zendesk_tickets where account is null;

create table zendesk_said (
    workspace_id text not null,
    pair_id text not null,
    remote_id bigint not null,
    comment_id text,
    primary key (workspace_id, pair_id, remote_id),
    unique (workspace_id, pair_id, comment_id),
    foreign key (workspace_id, pair_id) references zendesk_former (workspace_id, id) on delete cascade
);

insert into zendesk_said (workspace_id, pair_id, remote_id, comment_id)
select c.workspace_id, c.pair_id, c.remote_id, c.comment_id from zendesk_comments c
join zendesk_former p on p.workspace_id = c.workspace_id and p.id = c.pair_id;

drop table zendesk_comments;
drop table zendesk_tickets;
alter table zendesk_former rename to zendesk_tickets;
alter table zendesk_said rename to zendesk_comments;

create index zendesk_tickets_by_task on zendesk_tickets (workspace_id, task_id);

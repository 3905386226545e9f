-- Every change of a row, for ever. changes is a JSON object: field -> [before, after]. audience is the one user
-- who may hear of it, null where all of the workspace may.
create table journal (
    workspace_id text not null references workspaces (id),
    id text not null,
    noun text not null,
    event text not null,
    row_id text not null,
    action text not null check (action in ('created', 'updated', 'deleted')),
    version bigint not null,
    actor text not null,
    request_id text,
    audience text,
    changes text not null,
    at bigint not null,
    primary key (workspace_id, id)
);

create index journal_by_row on journal (workspace_id, noun, row_id, version, id);

-- What is not told yet. version is what orders the entries of one row, whatever clocks say.
create table journal_waiting (
    workspace_id text not null,
    id text not null,
    noun text not null,
    row_id text not null,
    version bigint not null,
    at bigint not null,
    primary key (workspace_id, noun, row_id, version, id),
    foreign key (workspace_id, id) references journal (workspace_id, id)
);

create index journal_waiting_by_age on journal_waiting (at, id);

-- hash is the SHA-256, in hex, of the hash before and the entry, so that no entry can be changed unnoticed.
create table audit_chain (
    workspace_id text not null,
    position bigint not null,
    entry_id text not null,
    hash text not null,
    primary key (workspace_id, position),
    unique (workspace_id, entry_id),
    foreign key (workspace_id, entry_id) references journal (workspace_id, id)
);

-- One row: which process tells what waits, and until when it is that one's turn.
create table announcer (
    id bigint not null primary key,
    holder text not null,
    until bigint not null,
    turn bigint not null
);

insert into announcer (id, holder, until, turn) values (1, '', 0, 0);

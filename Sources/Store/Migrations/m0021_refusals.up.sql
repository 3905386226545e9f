-- Things of providers that could not be taken, and why: the newest of each connection. One goes when the thing is taken
-- after all, or is gone there.
create table sync_refusals (
    workspace_id text not null,
    connection_id text not null,
    kind text not null,
    remote_id text not null,
    stream text not null,
    reason text not null,
    refused_at bigint not null,
    primary key (workspace_id, connection_id, kind, remote_id),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
);

-- How far the streams of connections were read. cursor is JSON of the provider's own; turn grows with each page, so
-- that of two attempts one wins. round counts the readings of all there is, the last of which began at round_at;
-- sweeps is 1 while what it did not show is taken away.
create table sync_cursors (
    workspace_id text not null,
    connection_id text not null,
    stream text not null,
    cursor text not null,
    round bigint not null,
    round_at bigint not null,
    sweeps bigint not null,
    turn bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, connection_id, stream),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
);

-- Which row here is which thing there. base is a JSON object: what the provider said last, so that changes here are
-- told from changes there. round is the reading that saw the thing last. The row may be gone: who deleted it here does
-- not get it back.
create table external_links (
    workspace_id text not null,
    connection_id text not null,
    kind text not null,
    remote_id text not null,
    stream text not null,
    noun text not null,
    row_id text not null,
    remote_version text not null,
    remote_at bigint not null,
    local_version bigint not null,
    base text not null,
    round bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, connection_id, kind, remote_id),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
);

create index external_links_by_row on external_links (workspace_id, noun, row_id);
create index external_links_by_round on external_links (workspace_id, connection_id, stream, round);

-- Where providers tell us at once that a stream has changed, and until when.
create table sync_channels (
    workspace_id text not null,
    connection_id text not null,
    stream text not null,
    channel_id text not null,
    resource_id text not null,
    expires_at bigint not null,
    created_at bigint not null,
    primary key (workspace_id, connection_id, stream),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
);

create index sync_channels_by_end on sync_channels (expires_at);

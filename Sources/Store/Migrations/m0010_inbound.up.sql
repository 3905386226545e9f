-- Where providers call: id stands in the address, and is hard to guess.
create table hooks (
    workspace_id text not null,
    connection_id text not null,
    id text not null,
    provider text not null,
    created_at bigint not null,
    primary key (workspace_id, connection_id),
    unique (id),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
);

-- What providers told us, as they told it: the same again is no news. external_id is what they call it; proof, where
-- there is one, is what a repeat under another name cannot change. headers is a JSON object. taken_at is when a job
-- was done with it, outcome what it found.
create table deliveries (
    workspace_id text not null,
    id text not null,
    connection_id text not null,
    provider text not null,
    external_id text not null,
    proof text,
    headers text not null,
    body bytea not null,
    received_at bigint not null,
    taken_at bigint,
    outcome text,
    primary key (workspace_id, id),
    unique (workspace_id, connection_id, external_id),
    unique (workspace_id, connection_id, proof),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
);

create index deliveries_by_time on deliveries (workspace_id, received_at);

-- Which chat with a bot is whose.
create table chat_links (
    workspace_id text not null,
    connection_id text not null,
    chat text not null,
    user_id text not null,
    created_at bigint not null,
    primary key (workspace_id, connection_id, chat),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade,
    foreign key (workspace_id, user_id) references users (workspace_id, id) on delete cascade
);

create index chat_links_by_user on chat_links (workspace_id, user_id);

-- Codes with which a person makes a chat theirs, once; code is a digest.
create table chat_codes (
    workspace_id text not null,
    connection_id text not null,
    code text not null,
    user_id text not null,
    expires_at bigint not null,
    primary key (workspace_id, connection_id, code),
    foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade,
    foreign key (workspace_id, user_id) references users (workspace_id, id) on delete cascade
);

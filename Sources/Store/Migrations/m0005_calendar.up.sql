-- attendees, reminders, exdates, rdates and overrides are JSON arrays. No instance begins before begins_at, and none
-- ends after ends_by, which is null for a series without end.
create table calendar_events (
    workspace_id text not null references workspaces (id),
    id text not null,
    uid text not null,
    title text not null,
    description text not null,
    location text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    time_zone text not null,
    all_day bigint not null,
    rrule text,
    exdates text not null,
    rdates text not null,
    status text not null check (status in ('confirmed', 'tentative', 'cancelled')),
    attendees text not null,
    reminders text not null,
    busy bigint not null,
    color text,
    task_id text,
    organizer_id text,
    overrides text not null,
    begins_at bigint not null,
    ends_by bigint,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, uid)
);

create index calendar_events_by_begin on calendar_events (workspace_id, begins_at);
create index calendar_events_by_end on calendar_events (workspace_id, ends_by);
create index calendar_events_by_task on calendar_events (workspace_id, task_id);

-- The one job that reminds of an event next; a job with another id was planned before a change, and does nothing.
-- Reminders that fall due after since are its own.
create table calendar_reminders (
    workspace_id text not null,
    event_id text not null,
    job_id text not null,
    since bigint not null,
    primary key (workspace_id, event_id),
    foreign key (workspace_id, event_id) references calendar_events (workspace_id, id) on delete cascade
);

-- The secret in a feed's address is not kept: hash is the SHA-256 of it, in hex.
create table calendar_feeds (
    workspace_id text not null references workspaces (id),
    id text not null,
    user_id text not null,
    name text not null,
    hash text not null unique,
    created_at bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, user_id) references users (workspace_id, id)
);

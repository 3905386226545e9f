alter table contacts add column preferred_channel text;

-- What was told to several people at once has one group_id.
alter table notifications add column level text not null default 'info';
alter table notifications add column group_id text;
alter table notifications add column acknowledged_at bigint;
alter table notifications add column acknowledged_by text;

create index notifications_by_group on notifications (workspace_id, group_id, id) where group_id is not null;

-- kinds is a JSON array.
create table notification_channels (
    workspace_id text not null references workspaces (id),
    id text not null,
    user_id text,
    name text not null,
    url text not null,
    shared bigint not null,
    enabled bigint not null,
    kinds text not null,
    min_level text not null check (min_level in ('info', 'warning', 'urgent')),
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index notification_channels_by_user on notification_channels (workspace_id, user_id, id);
create index notification_channels_shared on notification_channels (workspace_id, id) where shared = 1;

-- steps is a JSON array of {after_minutes, user_id, channel}.
create table notification_escalations (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    enabled bigint not null,
    steps text not null,
    repeats bigint not null,
    kinds text not null,
    min_level text not null check (min_level in ('info', 'warning', 'urgent')),
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

-- What of a notification goes where outside, once: target is the id of a channel, or a word for one and the id of a
-- user, such as email:<id>; due_at is when it may go.
create table notification_deliveries (
    workspace_id text not null references workspaces (id),
    notification_id text not null,
    target text not null,
    kind text not null,
    subject_id text,
    due_at bigint not null,
    told_at bigint,
    message_id text,
    primary key (workspace_id, notification_id, target)
);

create index notification_deliveries_waiting on notification_deliveries (workspace_id, target, due_at)
    where told_at is null;
create index notification_deliveries_of_storm on notification_deliveries (
    workspace_id, target, kind, subject_id, told_at) where told_at is not null;
create index notification_deliveries_by_message on notification_deliveries (workspace_id, message_id)
    where message_id is not null;

-- What is escalated while nobody acknowledges it: only the job called job_id takes the step numbered turn.
create table notification_watches (
    workspace_id text not null references workspaces (id),
    group_id text not null,
    escalation_id text not null,
    notification_id text not null,
    turn bigint not null,
    job_id text not null,
    primary key (workspace_id, group_id, escalation_id)
);

-- escalation is a JSON array of {after_minutes, user_id, contact_id, channel}. job_id is the job that looks next; only
-- that one acts.
create table follow_up_rules (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    kind text not null check (kind in ('stale', 'due', 'no_reply')),
    after_hours double precision not null,
    enabled bigint not null,
    project_id text,
    label_id text,
    assigned_to text,
    cooldown_hours double precision not null,
    every_minutes double precision not null,
    user_id text,
    contact_id text,
    channel text,
    template_id text,
    subject text,
    body text,
    escalation text not null,
    urgent bigint not null,
    scanned_at bigint,
    next_scan_at bigint,
    job_id text,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

-- job_id is the job that acts next; any other does nothing.
create table follow_ups (
    workspace_id text not null references workspaces (id),
    id text not null,
    kind text not null check (kind in ('manual', 'stale', 'due', 'no_reply')),
    status text not null check (status in
        ('scheduled', 'sent', 'escalated', 'answered', 'cancelled', 'failed')),
    rule_id text,
    task_id text,
    message_id text,
    send_at bigint,
    user_id text,
    contact_id text,
    channel text,
    template_id text,
    subject text,
    body text,
    escalation text not null,
    urgent bigint not null,
    due_at bigint,
    step bigint not null,
    sent_at bigint,
    ended_at bigint,
    reason text,
    last_message_id text,
    basis bigint,
    episode text,
    job_id text,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id)
);

create index follow_ups_by_status on follow_ups (workspace_id, status, id);
create index follow_ups_by_time on follow_ups (workspace_id, send_at, id);
create index follow_ups_by_task on follow_ups (workspace_id, task_id, id) where task_id is not null;
create index follow_ups_by_rule on follow_ups (workspace_id, rule_id, id) where rule_id is not null;
create unique index follow_ups_once on follow_ups (workspace_id, rule_id, episode) where rule_id is not null;

-- The messages whose threads are watched for a reply: the one that a reply is missing to, and those that were sent.
create table follow_up_messages (
    workspace_id text not null,
    follow_up_id text not null,
    message_id text not null,
    primary key (workspace_id, follow_up_id, message_id),
    foreign key (workspace_id, follow_up_id) references follow_ups (workspace_id, id) on delete cascade
);

create index follow_up_messages_back on follow_up_messages (workspace_id, message_id);

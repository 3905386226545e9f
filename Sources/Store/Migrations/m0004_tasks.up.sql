-- The words by which rows are found. They are UTF-8 bytes, so that every database orders them alike.
create table search_words (
    workspace_id text not null references workspaces (id),
    noun text not null,
    word bytea not null,
    row_id text not null,
    primary key (workspace_id, noun, word, row_id)
);

create index search_words_by_row on search_words (workspace_id, noun, row_id);

-- recurrence is an RRULE, counted in time_zone from recurs_from on. parent_id has no foreign key, since SQLite
-- could not take the column away again; the parts of a deleted task are freed with it.
alter table tasks add column parent_id text;
alter table tasks add column recurrence text;
alter table tasks add column time_zone text;
alter table tasks add column recurs_from bigint;
alter table tasks add column next_task_id text;
alter table tasks add column started_at bigint;

drop index tasks_by_due;
drop index tasks_by_title;
create index tasks_by_due on tasks (workspace_id, due_date, id);
create index tasks_by_title on tasks (workspace_id, title, id);
create index tasks_by_parent on tasks (workspace_id, parent_id, id) where parent_id is not null;
create index tasks_by_rank on tasks (
    workspace_id, (case priority when 'low' then 0 when 'medium' then 1 when 'high' then 2 end), id);
create index projects_by_deadline on projects (workspace_id, deadline, id);

-- name_key is the name without case, which one label of a workspace has.
create table labels (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    name_key text,
    color text not null,
    description text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, name_key)
);

create table task_labels (
    workspace_id text not null,
    task_id text not null,
    label_id text not null,
    primary key (workspace_id, task_id, label_id),
    foreign key (workspace_id, task_id) references tasks (workspace_id, id) on delete cascade,
    foreign key (workspace_id, label_id) references labels (workspace_id, id) on delete cascade
);

create index task_labels_back on task_labels (workspace_id, label_id, task_id);

-- mentions is a JSON list of ids of users.
create table comments (
    workspace_id text not null,
    id text not null,
    task_id text not null,
    content text not null,
    author_id text,
    mentions text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, task_id) references tasks (workspace_id, id) on delete cascade
);

create index comments_by_task on comments (workspace_id, task_id, id);

create table time_entries (
    workspace_id text not null,
    id text not null,
    task_id text not null,
    minutes bigint not null,
    note text not null,
    started_at bigint,
    user_id text,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, task_id) references tasks (workspace_id, id) on delete cascade
);

create index time_entries_by_task on time_entries (workspace_id, task_id, id);

-- The files themselves lie in the folder of attachments, under their ids.
create table attachments (
    workspace_id text not null,
    id text not null,
    task_id text not null,
    name text not null,
    type text not null,
    bytes bigint not null,
    sha256 text not null,
    author_id text,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, task_id) references tasks (workspace_id, id) on delete cascade
);

create index attachments_by_task on attachments (workspace_id, task_id, id);

-- Amounts are ten-thousandths of the currency's unit; days are YYYY-MM-DD.
create table finance_categories (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    kind text not null check (kind in ('income', 'expense', 'transfer')),
    color text,
    parent_id text,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, parent_id) references finance_categories (workspace_id, id)
);

create unique index finance_categories_by_name on finance_categories (workspace_id, lower(name));
create index finance_categories_by_parent on finance_categories (workspace_id, parent_id);

-- import_key names a row of a file by what it says, so that importing the file again adds nothing.
create table finance_transactions (
    workspace_id text not null references workspaces (id),
    id text not null,
    kind text not null check (kind in ('income', 'expense', 'transfer')),
    amount bigint not null check (amount <> 0),
    currency text not null,
    category_id text,
    description text not null,
    merchant text,
    occurred_on text not null,
    account text,
    tags text not null,
    external_id text,
    notes text not null,
    import_key text,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, external_id),
    unique (workspace_id, import_key),
    foreign key (workspace_id, category_id) references finance_categories (workspace_id, id)
);

create index finance_transactions_by_day on finance_transactions (workspace_id, occurred_on, id);
create index finance_transactions_by_category on finance_transactions (workspace_id, category_id, occurred_on);
create index finance_transactions_by_amount on finance_transactions (workspace_id, amount, id);

-- Conditions that are null do not count. min_amount and max_amount go by the amount without its sign.
create table category_rules (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    category_id text not null,
    priority bigint not null,
    enabled bigint not null,
    field text,
    operator text not null,
    value text,
    min_amount bigint,
    max_amount bigint,
    currency text,
    kind text,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, category_id) references finance_categories (workspace_id, id)
);

create index category_rules_by_category on category_rules (workspace_id, category_id);

-- thresholds is a JSON array of percentages. Without a category a budget is for everything spent.
create table budgets (
    workspace_id text not null references workspaces (id),
    id text not null,
    name text not null,
    category_id text,
    currency text not null,
    period text not null check (period in ('month', 'quarter', 'year')),
    amount bigint not null check (amount > 0),
    thresholds text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, category_id) references finance_categories (workspace_id, id)
);

create index budgets_by_currency on budgets (workspace_id, currency);

-- A threshold that was reached: once in each period of its budget.
create table budget_alerts (
    workspace_id text not null references workspaces (id),
    id text not null,
    budget_id text not null,
    period_start text not null,
    period_end text not null,
    threshold bigint not null,
    amount bigint not null,
    spent bigint not null,
    currency text not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (workspace_id, id),
    unique (workspace_id, budget_id, period_start, threshold),
    foreign key (workspace_id, budget_id) references budgets (workspace_id, id) on delete cascade
);

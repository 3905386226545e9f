-- What a call of unknown end took for its own when its provider was asked: no other call takes it too.
alter table effects add column claimed_id text;
create unique index effects_claims on effects (workspace_id, provider, claimed_id) where claimed_id is not null;

-- For the sweep that looks for intents whose jobs are gone.
create index effects_open on effects (begun_at, workspace_id, key) where state = 'intent';

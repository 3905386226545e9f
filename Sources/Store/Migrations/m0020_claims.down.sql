drop index effects_open;
drop index effects_claims;
alter table effects drop column claimed_id;

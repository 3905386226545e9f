-- In whose clock, and between which times of day, a contact is left in peace; quiet_hours is a JSON object.
alter table contacts add column time_zone text;
alter table contacts add column quiet_hours text;

-- Every row that waits for a job names the job and the time, so that a queue that lost it is given it again. What was
-- planned before these columns were there has no time, or a job that no queue knows.
alter table notification_watches add column due_at bigint;
alter table calendar_reminders add column due_at bigint;
alter table notification_deliveries add column job_id text;
update notification_deliveries set job_id = notification_id where told_at is null;

-- The job that takes a notification to where it goes, until it has.
alter table notifications add column fan_out_job_id text;

create index notification_watches_due on notification_watches (due_at, job_id);
create index calendar_reminders_due on calendar_reminders (due_at, job_id);
create index notification_deliveries_due on notification_deliveries (due_at, job_id) where told_at is null;
create index notifications_due on notifications (created_at, fan_out_job_id) where fan_out_job_id is not null;
create index follow_ups_due on follow_ups (due_at, job_id) where job_id is not null;
create index follow_up_rules_due on follow_up_rules (next_scan_at, job_id) where job_id is not null;

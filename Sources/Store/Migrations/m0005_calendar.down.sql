drop table calendar_feeds;
drop table calendar_reminders;
drop table calendar_events;

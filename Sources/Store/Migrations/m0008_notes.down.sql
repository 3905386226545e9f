drop table notifications;
drop table voice_commands;
drop table dev_projects;
drop table notes;

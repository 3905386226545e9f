drop table messages;
drop table message_threads;
drop table message_templates;
drop table contact_addresses;
drop table contacts;

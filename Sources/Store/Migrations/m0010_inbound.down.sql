drop table chat_codes;
drop table chat_links;
drop table deliveries;
drop table hooks;

drop table announcer;
drop table audit_chain;
drop table journal_waiting;
drop table journal;

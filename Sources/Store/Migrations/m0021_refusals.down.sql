drop table sync_refusals;

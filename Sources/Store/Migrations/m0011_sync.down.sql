drop table sync_channels;
drop table external_links;
drop table sync_cursors;

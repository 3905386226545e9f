drop table consents;
drop table connection_secrets;
drop table connections;
drop table workspace_keys;

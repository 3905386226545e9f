-- Nobody before could read what is sealed.
delete from deliveries where key_id is not null;
alter table deliveries drop column key_id;

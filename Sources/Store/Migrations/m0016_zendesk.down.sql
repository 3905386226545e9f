drop table zendesk_comments;
drop table zendesk_tickets;

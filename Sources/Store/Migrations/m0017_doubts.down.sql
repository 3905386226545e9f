alter table ai_actions drop column preview;
alter table model_reservations drop column output_tokens;
alter table model_reservations drop column input_tokens;
alter table model_reservations drop column purpose;
alter table model_reservations drop column model;
alter table model_reservations drop column connection_id;
alter table model_spends drop column estimated_micro;

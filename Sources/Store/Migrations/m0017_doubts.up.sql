-- Of what was spent, the part that no server counted: calls whose end nobody knows are paid at the most they can cost.
alter table model_spends add column estimated_micro bigint not null default 0;

-- What a call that is on its way can cost, and whose it is, for the books should its process die.
alter table model_reservations add column connection_id text;
alter table model_reservations add column model text;
alter table model_reservations add column purpose text;
alter table model_reservations add column input_tokens bigint;
alter table model_reservations add column output_tokens bigint;

-- What an action will do, as the rows said when it was proposed.
alter table ai_actions add column preview text;

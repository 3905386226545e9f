drop table model_reservations;
drop table model_spends;
drop table model_usage;
drop table ai_action_seals;
drop table ai_actions;
drop table chat_messages;
drop table conversations;
drop table ai_settings;

drop table voice_settings;
drop table voice_timers;
drop table voice_runs;
drop table transcripts;

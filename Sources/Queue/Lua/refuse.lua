#!lua flags=allow-oom
-- Puts a frame that is no job into quarantine, where the newest are kept.
-- ARGV[1] the frame   ARGV[2] what is kept of it: JSON   ARGV[3] how many are kept
-- returns 1, or 0 when the frame was dealt with before
if redis.call('LREM', taken, -1, ARGV[1]) == 0 then return 0 end
redis.call('LPUSH', quarantine, ARGV[2])
redis.call('LTRIM', quarantine, 0, ARGV[3] - 1)
return 1

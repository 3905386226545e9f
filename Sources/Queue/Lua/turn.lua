#!lua
-- Moves a schedule to a later turn without a firing, if its turn is still the one that was seen.
-- ARGV[1] id   ARGV[2] its turn in ms as seen   ARGV[3] its next turn in ms or ''
-- ARGV[4] how many firings are left out
-- KEYS[1] is what the keys of the schedules begin with
-- returns 1 when it was moved, else 0
local turns = KEYS[1] .. 'turns'
local score = redis.call('ZSCORE', turns, ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == '' then
  redis.call('ZREM', turns, ARGV[1])
else
  redis.call('ZADD', turns, ARGV[3], ARGV[1])
end
if ARGV[4] ~= '0' then redis.call('HINCRBY', KEYS[1] .. 'missed', ARGV[1], ARGV[4]) end
return 1

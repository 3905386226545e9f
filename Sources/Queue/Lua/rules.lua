#!lua
-- Sets or lifts a limit or a pause, and lets those try again who wait for what it concerns.
-- ARGV[1] limit or pause   ARGV[2] key or family (ending in *)   ARGV[3] what is set, or '' to lift it
-- ARGV[4..] for a family, what the keys of each queue begin with
-- returns 1, or 0 when there was nothing to lift
local set = ARGV[1] == 'limit' and limits_set or pauses
local key = ARGV[2]
local done = 1
if ARGV[3] == '' then
  done = redis.call('HDEL', set, key)
else
  redis.call('HSET', set, key, ARGV[3])
end
local is_gate = string.match(key, '^queue:') or string.match(key, '^job:') or string.match(key, '^workspace:')
if is_gate and redis.call('HEXISTS', limits_set, key) + redis.call('HEXISTS', pauses, key) > 0 then
  redis.call('HSET', gates, key, '1')
else
  redis.call('HDEL', gates, key)
end
-- A family is many keys: those in whose line somebody stands are looked at again when their time comes, and
-- that is brought forward.
local stem = string.match(key, '^(.*)%*$')
local bases = stem and { unpack(ARGV, 4) } or redis.call('SMEMBERS', seekers .. key)
for i = 1, #bases do
  local q = bases[i]
  if stem then
    for _, waiting in ipairs(redis.call('ZRANGE', q .. at.blocked, 0, 999)) do
      if string.sub(waiting, 1, #stem) == stem then redis.call('ZADD', q .. at.blocked, now, waiting) end
    end
  else
    summon(q, key)
  end
  call_out(q .. at.wake)
  call_out(q .. at.alarm)
end
return done

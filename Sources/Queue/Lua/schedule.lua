#!lua
-- Writes a schedule as it is from now on, or removes it, if it is still what its writer has seen.
-- ARGV[1] id   ARGV[2] the revision seen, 0 when there was none   ARGV[3] JSON, or '' to remove it
-- ARGV[4] the next nominal time in ms, '' for none, '=' for the one it has   ARGV[5] how many there may be
-- KEYS[1] is what the keys of the schedules begin with
-- returns the revision written; 0 when it is not what was seen; -1 when there are too many
local specs, turns, names = KEYS[1] .. 'specs', KEYS[1] .. 'turns', KEYS[1] .. 'names'
local id = ARGV[1]
local known = redis.call('HGET', specs, id)
local revision = known and tonumber(string.match(known, '^%d+')) or 0
if revision ~= tonumber(ARGV[2]) then return 0 end
if not known and redis.call('HLEN', specs) >= tonumber(ARGV[5]) then return -1 end
if ARGV[3] == '' then
  redis.call('HDEL', specs, id)
  redis.call('ZREM', turns, id)
  redis.call('ZREM', names, id)
  redis.call('HDEL', KEYS[1] .. 'missed', id)
  redis.call('DEL', KEYS[1] .. 'fired:' .. id)
  return revision
end
redis.call('HSET', specs, id, string.format('%d', revision + 1) .. ' ' .. ARGV[3])
redis.call('ZADD', names, 0, id)
if ARGV[4] == '' then
  redis.call('ZREM', turns, id)
elseif ARGV[4] ~= '=' then
  redis.call('ZADD', turns, ARGV[4], id)
  -- Whoever sleeps until the earliest turn must hear that there is an earlier one.
  local alarm = KEYS[1] .. 'alarm'
  if redis.call('ZRANGE', turns, 0, 0)[1] == id and redis.call('LLEN', alarm) == 0 then
    redis.call('LPUSH', alarm, '1')
  end
end
return revision + 1

#!lua
-- Puts up to 1,000 jobs on their lists and wakes a worker; all of them or none.
-- KEYS[1..3] ready:high, ready:normal, ready:low   KEYS[4] later   KEYS[5] jobs   KEYS[6] wake   KEYS[7]
-- alarm
-- KEYS[8] seq   KEYS[9] events   KEYS[10] stats   KEYS[11] ended:<bucket> of a single job   KEYS[12]
-- once:<key>
-- ARGV[1] 1 when a single job may be known already (then KEYS[11] is given), else 0
-- ARGV[2] what KEYS[12] is to hold, "<fingerprint> <id>", or ''   ARGV[3] how long, in seconds
-- ARGV[4..7] how many jobs are high, normal, low, later   ARGV[8] event lines   ARGV[9] events_s
-- ARGV[10..] ids in that order, then id and envelope of each, then due_ms and id of each later one
-- returns the number of jobs put; 0 when the job was known; the text KEYS[12] held when it held one
local counts = { tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]) }
local later = tonumber(ARGV[7])
local total = counts[1] + counts[2] + counts[3] + later
local ids, pairs_at = 10, 10 + total

if ARGV[2] ~= '' then
  local known = redis.call('GET', KEYS[12])
  if known then return known end
end
if ARGV[1] == '1' then
  local id = ARGV[ids]
  if redis.call('HEXISTS', KEYS[5], id) == 1 or redis.call('HEXISTS', KEYS[11], id) == 1 then return 0 end
end

if ARGV[2] ~= '' then redis.call('SET', KEYS[12], ARGV[2], 'EX', ARGV[3]) end
redis.call('HSET', KEYS[5], unpack(ARGV, pairs_at, pairs_at + 2 * total - 1))

local from, was_empty = ids, false
for level = 1, 3 do
  local count = counts[level]
  if count > 0 then
    local length = redis.call('LPUSH', KEYS[level], unpack(ARGV, from, from + count - 1))
    if length == count then was_empty = true end
    from = from + count
  end
end
-- Only a list that was empty can have a worker sitting idle before it, and one token at a time is enough:
-- whoever takes it and leaves jobs behind puts the next one.
if was_empty and redis.call('LLEN', KEYS[6]) == 0 then redis.call('LPUSH', KEYS[6], '1') end

if later > 0 then
  local first = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
  local due_at = pairs_at + 2 * total
  redis.call('ZADD', KEYS[4], unpack(ARGV, due_at, due_at + 2 * later - 1))
  -- Whoever sleeps until the earliest due job must hear that there is an earlier one.
  if redis.call('ZRANGE', KEYS[4], 0, 0)[1] ~= first and redis.call('LLEN', KEYS[7]) == 0 then
    redis.call('LPUSH', KEYS[7], '1')
  end
end

redis.call('HINCRBY', KEYS[10], 'enqueued', total)
local seq = redis.call('INCR', KEYS[8])
redis.call('XADD', KEYS[9], 'MAXLEN', '~', total > 10 and 1000 or 10000, seq .. '-0', 't', ARGV[8])
redis.call('EXPIRE', KEYS[9], ARGV[9])
redis.call('PUBLISH', KEYS[9], seq .. '\n' .. ARGV[8])
return total

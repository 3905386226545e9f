#!lua
-- Puts a dead job back on its list with all its attempts before it.
-- KEYS[1..3] ready:high, ready:normal, ready:low   KEYS[4] jobs   KEYS[5] dead   KEYS[6] graves   KEYS[7]
-- tries
-- KEYS[8] wake   KEYS[9] seq   KEYS[10] events   KEYS[11] stats
-- ARGV[1] id   ARGV[2] events_s
-- returns 1, or 0 when the job is not dead

-- The workspace stands right behind the level, at the fifteenth byte; a damaged envelope must not stop the
-- others.
local function workspace(envelope) return string.match(envelope, '^[^"%s]*', 15) end

local id = ARGV[1]
local envelope = redis.call('HGET', KEYS[4], id)
if not envelope or not redis.call('ZSCORE', KEYS[5], id) then return 0 end
local next = tonumber(redis.call('HGET', KEYS[7], id) or '1') + 1
redis.call('ZREM', KEYS[5], id)
redis.call('HDEL', KEYS[6], id)
redis.call('HSET', KEYS[7], id, next)
local level = ({ h = 1, n = 2, l = 3 })[string.sub(envelope, 7, 7)] or 2
redis.call('LPUSH', KEYS[level], next .. '|' .. id)
if redis.call('LLEN', KEYS[8]) == 0 then redis.call('LPUSH', KEYS[8], '1') end
redis.call('HINCRBY', KEYS[11], 'revived', 1)
local line = 'waiting ' .. id .. ' ' .. workspace(envelope)
local seq = redis.call('INCR', KEYS[9])
redis.call('XADD', KEYS[10], 'MAXLEN', '~', 10000, seq .. '-0', 't', line)
redis.call('EXPIRE', KEYS[10], ARGV[2])
redis.call('PUBLISH', KEYS[10], seq .. '\n' .. line)
return 1

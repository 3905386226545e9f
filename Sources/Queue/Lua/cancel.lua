#!lua flags=allow-oom
-- Ends a job that is not running as cancelled, or asks the worker that runs it to stop.
-- KEYS[1..3] ready:high, ready:normal, ready:low   KEYS[4] suspects   KEYS[5] jobs   KEYS[6] leases   KEYS[7]
-- later
-- KEYS[8] parked   KEYS[9] dead   KEYS[10] control   KEYS[11] tries   KEYS[12] crashes   KEYS[13] errors
-- KEYS[14] progress   KEYS[15] holders   KEYS[16] cancels   KEYS[17] seq   KEYS[18] events   KEYS[19] stats
-- KEYS[20] ended:<bucket>
-- ARGV[1] id   ARGV[2] reason (a JSON string)   ARGV[3] retention_s   ARGV[4] events_s
-- ARGV[5] lists longer than this keep the id until it is claimed and found empty
-- returns missing, dead, running or cancelled

-- The workspace stands right behind the level, at the fifteenth byte; a damaged envelope must not stop the
-- others.
local function workspace(envelope) return string.match(envelope, '^[^"%s]*', 15) end

local id = ARGV[1]
local envelope = redis.call('HGET', KEYS[5], id)
if not envelope then return 'missing' end
if redis.call('ZSCORE', KEYS[9], id) then return 'dead' end
local number = redis.call('HGET', KEYS[11], id)
local delivery = number and number ~= '1' and number .. '|' .. id or id
if redis.call('ZSCORE', KEYS[6], delivery) then
  redis.call('HSET', KEYS[16], id, ARGV[2])
  redis.call('PUBLISH', KEYS[10], delivery .. '\n' .. ARGV[2])
  return 'running'
end
if redis.call('ZREM', KEYS[7], delivery) == 0 and redis.call('HDEL', KEYS[8], delivery) == 0 then
  for list = 1, 4 do
    local length = redis.call('LLEN', KEYS[list])
    if length <= tonumber(ARGV[5]) then redis.call('LREM', KEYS[list], 1, delivery) end
  end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local errors = redis.call('HGET', KEYS[13], id)
redis.call('HDEL', KEYS[5], id)
redis.call('HSET', KEYS[20], id, '{"s":"cancelled","f":' .. now .. ',"y":' .. ARGV[2]
  .. (errors and ',"E":' .. errors or '') .. ',"o":' .. envelope .. '}')
redis.call('EXPIRE', KEYS[20], ARGV[3])
for key = 11, 16 do redis.call('HDEL', KEYS[key], id) end
redis.call('HINCRBY', KEYS[19], 'ended', 1)
local line = 'cancelled ' .. id .. ' ' .. workspace(envelope)
local seq = redis.call('INCR', KEYS[17])
redis.call('XADD', KEYS[18], 'MAXLEN', '~', 10000, seq .. '-0', 't', line)
redis.call('EXPIRE', KEYS[18], ARGV[4])
redis.call('PUBLISH', KEYS[18], seq .. '\n' .. line)
return 'cancelled'

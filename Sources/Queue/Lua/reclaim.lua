#!lua flags=allow-oom
-- Takes back what dead workers held, and lets go of dead letters that are too old or too many.
-- KEYS[1] suspects   KEYS[2] jobs   KEYS[3] leases   KEYS[4] dead   KEYS[5] graves   KEYS[6] tries   KEYS[7]
-- crashes
-- KEYS[8] errors   KEYS[9] progress   KEYS[10] holders   KEYS[11] cancels   KEYS[12] wake   KEYS[13] seq
-- KEYS[14] events   KEYS[15] stats   KEYS[16] parked   KEYS[17..19] ready:high, ready:normal, ready:low
-- ARGV[1] how many at most   ARGV[2] crashes that make a job dead   ARGV[3] dead_s   ARGV[4] dead letters
-- kept
-- ARGV[5] events_s   ARGV[6] 1 to look after dead and parked jobs too
-- returns the number taken back, of them dead, the number parked and that of dead letters let go (0 unless
-- asked)

-- The workspace stands right behind the level, at the fifteenth byte; a damaged envelope must not stop the
-- others.
local function workspace(envelope) return string.match(envelope, '^[^"%s]*', 15) end

-- An idle queue costs one look.
local busy = redis.call('EXISTS', KEYS[3], KEYS[1], KEYS[17], KEYS[18], KEYS[19])
if ARGV[6] ~= '1' and busy == 0 then return { 0, 0, 0, 0 } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local late = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, ARGV[1])
local lines, deaths = {}, 0
for i = 1, #late do
  local delivery = late[i]
  local number, id = string.match(delivery, '^(%d+)|(.+)$')
  id = id or delivery
  local envelope = redis.call('HGET', KEYS[2], id)
  redis.call('ZREM', KEYS[3], delivery)
  if envelope then
    local who = id .. ' ' .. workspace(envelope)
    local next = (tonumber(number) or 1) + 1
    local crashes = redis.call('HINCRBY', KEYS[7], id, 1)
    -- A number of its own for each delivery is what shuts the old worker out.
    redis.call('HSET', KEYS[6], id, next)
    redis.call('HDEL', KEYS[10], id)
    if crashes >= tonumber(ARGV[2]) then
      local errors = redis.call('HGET', KEYS[8], id)
      redis.call('ZADD', KEYS[4], now, id)
      redis.call('HSET', KEYS[5], id, '{"s":"dead","f":' .. now .. ',"x":' .. crashes
        .. ',"y":"Its worker died ' .. crashes .. ' times while it ran."'
        .. (errors and ',"E":' .. errors or '') .. '}')
      for key = 7, 9 do redis.call('HDEL', KEYS[key], id) end
      redis.call('HDEL', KEYS[11], id)
      lines[#lines + 1] = 'dead ' .. who .. ' {"crashes":' .. crashes .. '}'
      deaths = deaths + 1
    else
      -- Most deaths are no job's fault: after the first it just goes before all others. After the second it
      -- is a suspect, and of these a worker runs one at a time, so that none is blamed for another.
      redis.call(crashes == 1 and 'RPUSH' or 'LPUSH', KEYS[crashes == 1 and 17 or 1], next .. '|' .. id)
      lines[#lines + 1] = 'crashed ' .. who .. ' {"crashes":' .. crashes .. '}'
    end
  end
end

local parked, trimmed = 0, 0
if ARGV[6] == '1' then
  local oldest = now - tonumber(ARGV[3]) * 1000
  local gone = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', oldest, 'LIMIT', 0, ARGV[1])
  local over = redis.call('ZCARD', KEYS[4]) - #gone - tonumber(ARGV[4])
  if over > 0 then
    local excess = redis.call('ZRANGE', KEYS[4], #gone, #gone + math.min(over, tonumber(ARGV[1])) - 1)
    for i = 1, #excess do gone[#gone + 1] = excess[i] end
  end
  trimmed = #gone
  if trimmed > 0 then
    redis.call('ZREM', KEYS[4], unpack(gone))
    redis.call('HDEL', KEYS[2], unpack(gone))
    redis.call('HDEL', KEYS[5], unpack(gone))
    redis.call('HDEL', KEYS[6], unpack(gone))
  end
  parked = redis.call('HLEN', KEYS[16])
end

if #late > 0 then
  redis.call('HINCRBY', KEYS[15], 'crashed', #late)
  if deaths > 0 then redis.call('HINCRBY', KEYS[15], 'dead', deaths) end
end
-- A worker that hangs takes a token and never comes for what it calls to. So what waits is called out again
-- at each look, and twice when a worker was lost: it may be the first of those that wait for a token.
local tokens = redis.call('EXISTS', KEYS[1], KEYS[17], KEYS[18], KEYS[19]) == 0 and 0 or #late > 0 and 2 or 1
for _ = redis.call('LLEN', KEYS[12]) + 1, tokens do redis.call('LPUSH', KEYS[12], '1') end
if #lines > 0 then
  local text = table.concat(lines, '\n')
  local seq = redis.call('INCR', KEYS[13])
  redis.call('XADD', KEYS[14], 'MAXLEN', '~', #lines > 10 and 1000 or 10000, seq .. '-0', 't', text)
  redis.call('EXPIRE', KEYS[14], ARGV[5])
  redis.call('PUBLISH', KEYS[14], seq .. '\n' .. text)
end
return { #late, deaths, parked, trimmed }

#!lua flags=allow-oom
-- Takes back what dead workers held, and lets go of dead letters that are too old or too many.
-- ARGV[1] how many at most   ARGV[2] crashes that make a job dead   ARGV[3] dead_s
-- ARGV[4] dead letters kept   ARGV[5] events_s   ARGV[6] 1 to look after dead and parked jobs too
-- returns the number taken back, of them dead, the number parked and that of dead letters let go (0 unless
-- asked)

-- An idle queue costs one look.
local turns = base .. at.turn
local waiting = { suspects, ready[1], ready[2], ready[3], turns .. 1, turns .. 2, turns .. 3 }
if ARGV[6] ~= '1' and redis.call('EXISTS', leases, unpack(waiting)) == 0 then return { 0, 0, 0, 0 } end
local late = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, ARGV[1])
local deaths = 0

local function die(id, envelope, crashed)
  local failed, told = redis.call('HGET', errors, id), redis.call('HGET', history, id)
  redis.call('ZADD', dead, now, id)
  redis.call('HSET', graves, id, '{"s":"dead","f":' .. now .. ',"x":' .. crashed
    .. ',"y":"Its worker died ' .. crashed .. ' times while it ran."'
    .. (failed and ',"E":' .. failed or '') .. (told and ',"h":[' .. told .. ']' or '') .. '}')
  for mark = 2, #marks - 1 do redis.call('HDEL', marks[mark], id) end
  tell('dead', id, envelope, '{"crashes":' .. crashed .. '}')
  finish(base, id, 'dead')
  deaths = deaths + 1
end

local function take_back(delivery)
  local number, id = string.match(delivery, '^(%d+)|(.+)$')
  id = id or delivery
  local envelope = redis.call('HGET', jobs, id)
  redis.call('ZREM', leases, delivery)
  release(base, delivery, '')
  if not envelope then return end
  local next = (tonumber(number) or 1) + 1
  local crashed = redis.call('HINCRBY', crashes, id, 1)
  -- A number of its own for each delivery is what shuts the old worker out.
  redis.call('HSET', tries, id, next)
  local holder = redis.call('HGET', holders, id)
  redis.call('HDEL', holders, id)
  note(id, '{"t":' .. now .. ',"e":"crashed","k":' .. (string.match(holder or '', '"k":("[^"]*")') or 'null')
    .. ',"d":{"crashes":' .. crashed .. '}}')
  if crashed >= tonumber(ARGV[2]) then return die(id, envelope, crashed) end
  -- Most deaths are no job's fault: after the first it just goes before all others. After the second it is a
  -- suspect, and of these a worker runs one at a time, so that none is blamed for another.
  if crashed > 1 then
    redis.call('LPUSH', suspects, next .. '|' .. id)
  elseif home(envelope) then
    place(base, next .. '|' .. id, envelope, true)
  else
    redis.call('RPUSH', ready[1], next .. '|' .. id)
  end
  tell('crashed', id, envelope, '{"crashes":' .. crashed .. '}')
end
for i = 1, #late do take_back(late[i]) end

-- Lets go of the dead letters that are too old or too many; how many those were.
local function trim()
  local oldest = now - tonumber(ARGV[3]) * 1000
  local gone = redis.call('ZRANGEBYSCORE', dead, '-inf', oldest, 'LIMIT', 0, ARGV[1])
  local over = redis.call('ZCARD', dead) - #gone - tonumber(ARGV[4])
  if over > 0 then
    local excess = redis.call('ZRANGE', dead, #gone, #gone + math.min(over, tonumber(ARGV[1])) - 1)
    for i = 1, #excess do gone[#gone + 1] = excess[i] end
  end
  if #gone == 0 then return 0 end
  redis.call('ZREM', dead, unpack(gone))
  for _, hash in ipairs({ jobs, graves, tries, history }) do redis.call('HDEL', hash, unpack(gone)) end
  if redis.call('EXISTS', locks, askers) > 0 then
    for i = 1, #gone do finish(base, gone[i], 'deleted') end
  end
  return #gone
end

local parked_now, trimmed = 0, 0
if ARGV[6] == '1' then
  trimmed = trim()
  parked_now = redis.call('HLEN', parked)
end

if #late > 0 then
  redis.call('HINCRBY', stats, 'crashed', #late)
  if deaths > 0 then redis.call('HINCRBY', stats, 'dead', deaths) end
end
-- A worker that hangs takes a token and never comes for what it calls to. So what waits is called out again
-- at each look, and twice when a worker was lost: it may be the first of those that wait for a token.
local tokens = redis.call('EXISTS', unpack(waiting)) == 0 and 0 or #late > 0 and 2 or 1
for _ = redis.call('LLEN', wake) + 1, tokens do redis.call('LPUSH', wake, '1') end
publish(ARGV[5])
return { #late, deaths, parked_now, trimmed }

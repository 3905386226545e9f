#!lua flags=allow-oom
-- Extends the leases a worker holds and the places they take, notes who holds them, and tells which are lost
-- and which are to be cancelled.
-- ARGV[1] lease_ms   ARGV[2..] three a delivery: delivery, id, holder (JSON) or '' when noted before
-- returns the deliveries lost, then delivery and reason (a JSON string) of each to cancel
local deadline = now + tonumber(ARGV[1])
local lost, cancelled = {}, {}
local has_holds = redis.call('EXISTS', holds) == 1

-- False when its lease had run out and another has a place that it took.
local function keeps_places(delivery)
  for key in string.gmatch(redis.call('HGET', holds, delivery) or '', '%S+') do
    local is_slot = string.sub(key, 1, 1) ~= '!'
    if is_slot and not redis.call('ZSCORE', slots .. key, base .. delivery) then return false end
  end
  return true
end

local function extend(delivery)
  local held = redis.call('HGET', holds, delivery)
  for key in string.gmatch(held or '', '%S+') do
    local set = string.sub(key, 1, 1) == '!' and probes .. string.sub(key, 2) or slots .. key
    redis.call('ZADD', set, 'XX', deadline, base .. delivery)
    redis.call('PEXPIRE', set, 3600000)
  end
end

for i = 2, #ARGV, 3 do
  local delivery, id, holder = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('ZSCORE', leases, delivery) and (not has_holds or keeps_places(delivery)) then
    redis.call('ZADD', leases, deadline, delivery)
    if has_holds then extend(delivery) end
    if holder ~= '' then redis.call('HSET', holders, id, holder) end
    local reason = redis.call('HGET', cancels, id)
    if reason then
      cancelled[#cancelled + 1] = delivery
      cancelled[#cancelled + 1] = reason
    end
  else
    lost[#lost + 1] = delivery
  end
end
if #lost > 0 then redis.call('HINCRBY', stats, 'refused', #lost) end
return { lost, cancelled }

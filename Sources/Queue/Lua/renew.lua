#!lua flags=allow-oom
-- Extends the leases a worker holds, notes who holds them, and tells which are lost and which are to be
-- cancelled.
-- KEYS[1] leases   KEYS[2] holders   KEYS[3] cancels   KEYS[4] stats
-- ARGV[1] lease_ms   ARGV[2..] three a delivery: delivery, id, holder (JSON) or '' when noted before
-- returns the deliveries lost, then delivery and reason (a JSON string) of each to cancel
local time = redis.call('TIME')
local deadline = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
local lost, cancelled = {}, {}
for i = 2, #ARGV, 3 do
  local delivery, id, holder = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('ZSCORE', KEYS[1], delivery) then
    redis.call('ZADD', KEYS[1], deadline, delivery)
    if holder ~= '' then redis.call('HSET', KEYS[2], id, holder) end
    local reason = redis.call('HGET', KEYS[3], id)
    if reason then
      cancelled[#cancelled + 1] = delivery
      cancelled[#cancelled + 1] = reason
    end
  else
    lost[#lost + 1] = delivery
  end
end
if #lost > 0 then redis.call('HINCRBY', KEYS[4], 'refused', #lost) end
return { lost, cancelled }

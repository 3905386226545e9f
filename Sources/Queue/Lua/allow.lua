#!lua
-- Counts a call against a quota, and says whether it may pass: never more than the quota do within any
-- stretch of time as long as the window. The window is cut into slots, of which one more is counted than fit.
-- ARGV[1] quota   ARGV[2] length of the window in ms   ARGV[3] number of slots
-- KEYS[1] HASH slot -> calls that passed
-- returns 1 when it may pass, else 0; how many more may pass now; in how many ms some may pass again
local quota, window, slots = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local width = window / slots
local slot = math.floor(now / width)
local counts, used, oldest, stale = redis.call('HGETALL', KEYS[1]), 0, slot, {}
for i = 1, #counts, 2 do
  local at = tonumber(counts[i])
  if at < slot - slots then
    stale[#stale + 1] = counts[i]
  else
    used = used + tonumber(counts[i + 1])
    oldest = math.min(oldest, at)
  end
end
local passes = used < quota
if passes then
  used = used + 1
  if #stale > 0 then redis.call('HDEL', KEYS[1], unpack(stale)) end
  redis.call('HINCRBY', KEYS[1], string.format('%d', slot), 1)
  redis.call('PEXPIRE', KEYS[1], math.ceil(window + 2 * width))
end
return { passes and 1 or 0, math.max(0, quota - used), math.ceil((oldest + slots + 1) * width - now) }

#!lua
-- Finds the schedules whose turn has come, by the clock of Redis.
-- ARGV[1] how many at most
-- KEYS[1] is what the keys of the schedules begin with
-- returns the time in ms; the ms until the next turn, 0 when some are left, -1 when there is none; and id,
-- nominal time in ms and value of each
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local turns = KEYS[1] .. 'turns'
local due = redis.call('ZRANGEBYSCORE', turns, '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[1])
local wait = -1
local next = redis.call('ZRANGE', turns, #due / 2, #due / 2, 'WITHSCORES')
if next[2] then wait = math.max(0, tonumber(next[2]) - now) end
local found = { now, wait }
for i = 1, #due, 2 do
  found[#found + 1] = due[i]
  found[#found + 1] = due[i + 1]
  found[#found + 1] = redis.call('HGET', KEYS[1] .. 'specs', due[i]) or ''
end
return found

#!lua flags=no-writes
-- Counts what could be claimed now, and how long the oldest of it has waited. What is paused or stands before
-- a limit does not count: more workers would not make it start.
-- ARGV[1] how many groups are looked at, at most
-- returns runnable, blocked, when the oldest runnable one was made in ms or 0, and how many wait at each of
-- the levels high, normal and low
local runnable, held_up, oldest, counts = 0, 0, nil, {}

local function age(delivery)
  if not delivery then return end
  local made = born(string.match(delivery, '|(.+)$') or delivery)
  if not oldest or made < oldest then oldest = made end
end

for level = 1, 3 do
  counts[level] = redis.call('LLEN', ready[level])
  runnable = runnable + counts[level]
  age(redis.call('LINDEX', ready[level], -1))
end
runnable = runnable + redis.call('LLEN', suspects)
local names = redis.call('SRANDMEMBER', groups, ARGV[1])
for i = 1, #names do
  local level, length = tonumber(string.sub(names[i], 1, 1)), redis.call('LLEN', base .. at.group .. names[i])
  counts[level] = counts[level] + length
  if redis.call('HEXISTS', waits, names[i]) == 1 then
    held_up = held_up + length
  else
    runnable = runnable + length
    age(redis.call('LINDEX', base .. at.group .. names[i], -1))
  end
end
if pause_of('queue:' .. string.match(base, '{(.*)}')) then
  runnable, held_up, oldest = 0, runnable + held_up, nil
end
return { runnable, held_up, oldest or 0, counts[1], counts[2], counts[3] }

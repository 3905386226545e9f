#!lua flags=allow-oom
-- Moves jobs that have fallen due to where they wait, and lets those try again whose key has room by now.
-- ARGV[1] how many at most   ARGV[2] events_s
-- returns the number moved, and the milliseconds until the next is due or -1
if redis.call('EXISTS', later, blocked) == 0 then return { 0, -1 } end
local due = redis.call('ZRANGEBYSCORE', later, '-inf', now, 'LIMIT', 0, ARGV[1])
if #due > 0 then
  local ids = {}
  for i = 1, #due do ids[i] = string.match(due[i], '|(.+)$') or due[i] end
  local envelopes = redis.call('HMGET', jobs, unpack(ids))
  local keeps_some = redis.call('EXISTS', keeps) == 1
  for i = 1, #due do
    if envelopes[i] then
      -- A job that keeps its exclusive key between its attempts goes before those that wait for the key.
      local front = keeps_some and redis.call('HEXISTS', keeps, ids[i]) == 1
      place(base, due[i], envelopes[i], front)
      tell('waiting', ids[i], envelopes[i])
    end
  end
  redis.call('ZREM', later, unpack(due))
  call_out(wake)
  publish(ARGV[2])
end
local keys = redis.call('ZRANGEBYSCORE', blocked, '-inf', now, 'LIMIT', 0, 100)
for i = 1, #keys do
  local pause = redis.call('HGET', pauses, keys[i])
  local till = pause and tonumber(string.match(pause, '^%d+')) or 0
  if till > 0 and till <= now then
    redis.call('HDEL', pauses, keys[i])
    if redis.call('HEXISTS', limits_set, keys[i]) == 0 then redis.call('HDEL', gates, keys[i]) end
    call_out(wake)
  end
  summon(base, keys[i])
end
local next = -1
for _, set in ipairs({ later, blocked }) do
  local head = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
  local wait = head[2] and math.max(0, tonumber(head[2]) - now)
  if wait and (next < 0 or wait < next) then next = wait end
end
return { #due, math.ceil(next) }

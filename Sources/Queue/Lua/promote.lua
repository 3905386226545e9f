#!lua flags=allow-oom
-- Moves jobs that have fallen due to their lists, at most as many as asked.
-- KEYS[1..3] ready:high, ready:normal, ready:low   KEYS[4] later   KEYS[5] jobs   KEYS[6] wake   KEYS[7]
-- alarm
-- KEYS[8] seq   KEYS[9] events
-- ARGV[1] how many at most   ARGV[2] events_s
-- returns the number moved, and the milliseconds until the next is due or -1

-- The workspace stands right behind the level, at the fifteenth byte; a damaged envelope must not stop the
-- others.
local function workspace(envelope) return string.match(envelope, '^[^"%s]*', 15) end

if redis.call('EXISTS', KEYS[4]) == 0 then return { 0, -1 } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, ARGV[1])
if #due > 0 then
  local ids, lines, lists, levels = {}, {}, { {}, {}, {} }, { h = 1, n = 2, l = 3 }
  for i = 1, #due do
    local bar = string.find(due[i], '|', 1, true)
    ids[i] = bar and string.sub(due[i], bar + 1) or due[i]
  end
  local envelopes = redis.call('HMGET', KEYS[5], unpack(ids))
  for i = 1, #due do
    local envelope = envelopes[i]
    if envelope then
      local list = lists[levels[string.sub(envelope, 7, 7)] or 2]
      list[#list + 1] = due[i]
      lines[#lines + 1] = 'waiting ' .. ids[i] .. ' ' .. workspace(envelope)
    end
  end
  redis.call('ZREM', KEYS[4], unpack(due))
  for level = 1, 3 do
    if #lists[level] > 0 then redis.call('LPUSH', KEYS[level], unpack(lists[level])) end
  end
  if #lines > 0 then
    if redis.call('LLEN', KEYS[6]) == 0 then redis.call('LPUSH', KEYS[6], '1') end
    local text = table.concat(lines, '\n')
    local seq = redis.call('INCR', KEYS[8])
    redis.call('XADD', KEYS[9], 'MAXLEN', '~', #lines > 10 and 1000 or 10000, seq .. '-0', 't', text)
    redis.call('EXPIRE', KEYS[9], ARGV[2])
    redis.call('PUBLISH', KEYS[9], seq .. '\n' .. text)
  end
end
local head = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
return { #due, head[2] and math.max(0, tonumber(head[2]) - now) or -1 }

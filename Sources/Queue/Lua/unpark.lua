#!lua flags=allow-oom
-- Puts parked jobs back on their lists for a worker that knows their names.
-- KEYS[1..3] ready:high, ready:normal, ready:low   KEYS[4] parked   KEYS[5] jobs   KEYS[6] wake
-- KEYS[7] seq   KEYS[8] events
-- ARGV[1] cursor of the scan   ARGV[2] events_s   ARGV[3..] the names
-- returns the cursor to go on with, 0 at the end, and the number put back

-- The workspace stands right behind the level, at the fifteenth byte; a damaged envelope must not stop the
-- others.
local function workspace(envelope) return string.match(envelope, '^[^"%s]*', 15) end

local names = {}
for i = 3, #ARGV do names[ARGV[i]] = true end
local scan = redis.call('HSCAN', KEYS[4], ARGV[1], 'COUNT', 500)
local lines = {}
for i = 1, #scan[2], 2 do
  local delivery, name = scan[2][i], scan[2][i + 1]
  if names[name] then
    local id = string.match(delivery, '|(.+)$') or delivery
    local envelope = redis.call('HGET', KEYS[5], id)
    redis.call('HDEL', KEYS[4], delivery)
    if envelope then
      redis.call('LPUSH', KEYS[({ h = 1, n = 2, l = 3 })[string.sub(envelope, 7, 7)] or 2], delivery)
      lines[#lines + 1] = 'waiting ' .. id .. ' ' .. workspace(envelope)
    end
  end
end
if #lines > 0 then
  if redis.call('LLEN', KEYS[6]) == 0 then redis.call('LPUSH', KEYS[6], '1') end
  local text = table.concat(lines, '\n')
  local seq = redis.call('INCR', KEYS[7])
  redis.call('XADD', KEYS[8], 'MAXLEN', '~', #lines > 10 and 1000 or 10000, seq .. '-0', 't', text)
  redis.call('EXPIRE', KEYS[8], ARGV[2])
  redis.call('PUBLISH', KEYS[8], seq .. '\n' .. text)
end
return { scan[1], #lines }

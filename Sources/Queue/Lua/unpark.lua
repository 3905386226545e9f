#!lua flags=allow-oom
-- Puts parked jobs back where they wait, for a worker that knows their names and versions.
-- ARGV[1] cursor of the scan   ARGV[2] events_s   ARGV[3..] names, or name@version for all versions up to it
-- returns the cursor to go on with, 0 at the end, and the number put back
local function named(text)
  local name, version = string.match(text, '^(.*)@(%d+)$')
  return name or text, tonumber(version or 1)
end

local known = {}
for i = 3, #ARGV do
  local name, version = named(ARGV[i])
  known[name] = version
end
local scan = redis.call('HSCAN', parked, ARGV[1], 'COUNT', 500)
for i = 1, #scan[2], 2 do
  local delivery = scan[2][i]
  local name, version = named(scan[2][i + 1])
  if known[name] and version <= known[name] then
    local id = string.match(delivery, '|(.+)$') or delivery
    local envelope = redis.call('HGET', jobs, id)
    redis.call('HDEL', parked, delivery)
    if envelope then
      place(base, delivery, envelope, redis.call('HEXISTS', keeps, id) == 1)
      tell('waiting', id, envelope)
    end
  end
end
if #lines > 0 then call_out(wake) end
publish(ARGV[2])
return { scan[1], #lines }

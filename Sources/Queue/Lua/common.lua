-- Put before every program: the time, and the telling of what happens.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lines = {}

-- The workspace stands right behind the level, at the fifteenth byte; a damaged envelope must not stop the
-- others.
local function workspace(envelope) return string.match(envelope, '^[^"%s]*', 15) or '' end

local function tell(event, id, envelope, detail)
  lines[#lines + 1] = event .. ' ' .. id .. ' ' .. workspace(envelope) .. (detail and ' ' .. detail or '')
end

-- Publishes all that was told under one number, and keeps it for replay.
local function publish(events_s, count)
  if #lines == 0 then return end
  local text = table.concat(lines, '\n')
  local number = redis.call('INCR', seq)
  local most = (count or #lines) > 10 and 1000 or 10000
  redis.call('XADD', events, 'MAXLEN', '~', most, number .. '-0', 't', text)
  redis.call('EXPIRE', events, events_s)
  redis.call('PUBLISH', events, number .. '\n' .. text)
end

-- One token at a time is enough: whoever takes it and leaves jobs behind puts the next one.
local function call_out(list)
  if redis.call('LLEN', list) == 0 then redis.call('LPUSH', list, '1') end
end

-- Appends to the history of a job, which is kept short: what is oldest goes.
local function note(id, entry)
  local old = redis.call('HGET', history, id)
  if old and #old > 16384 then
    local from = string.find(old, '{"t":', 8192, true)
    old = from and string.sub(old, from) or nil
  end
  redis.call('HSET', history, id, (old and old .. ',' or '') .. entry)
end

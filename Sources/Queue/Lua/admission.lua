-- Put before the program that takes jobs in: what keeps a new job out, or others from staying.
local conflict_reason, superseded = '"replaced by a newer job"', '"superseded by a newer job"'
local overflows = { 'reject', 'drop_new', 'buffer_one', 'supersede', 'terminate' }

-- Where a job of this queue is that has not ended: later, running, dead or waiting; and its delivery.
local function whereabouts(id)
  local number = redis.call('HGET', tries, id)
  local delivery = number and number ~= '1' and number .. '|' .. id or id
  local place_of = redis.call('ZSCORE', later, delivery) and 'later'
    or redis.call('ZSCORE', leases, delivery) and 'running' or redis.call('ZSCORE', dead, id) and 'dead'
    or 'waiting'
  return place_of, delivery
end

-- Who holds a lock, since when a job has waited under it, and where it is; nil when nobody does.
local function holder_of(key)
  local id, since = string.match(redis.call('GET', unique .. key) or '', '^(%S+) (%d+)$')
  if not id then return nil end
  if redis.call('HEXISTS', jobs, id) == 1 then return id, tonumber(since), (whereabouts(id)) end
  -- A lock outlives its job only until its lifetime runs out.
  if redis.call('PTTL', unique .. key) < 0 then return nil end
  return id, tonumber(since), 'ended'
end

-- What a lock makes of a new job: nothing, or the answer its caller gets.
local function conflict_of(rule, is_single)
  if rule.lock == '' then return nil end
  local id, since, where = holder_of(rule.lock)
  if not id then return nil end
  local may_move = where == 'later' or where == 'waiting'
  if not is_single then return { 'held', id, rule.index } end
  if rule.conflict == 'return_existing' then return { 'existing', id, rule.index } end
  if rule.conflict == 'replace' and may_move then
    rule.replaces, rule.since = id, since
  elseif rule.conflict == 'reschedule' and may_move then
    rule.moves = id
  else
    return { 'held', id, rule.index }
  end
end

-- The limit that a new job of a group cannot pass at once, if there is one.
local function hindrance(name, waiting)
  local _, _, limits, exclusive = parts_of(name)
  if limits == '' and exclusive == '' then return nil end
  local key = obstacle(base, '', limits, exclusive)
  if key or waiting == 0 then return key end
  return exclusive ~= '' and '=' .. exclusive or string.match(limits, '^[^,*]+')
end

-- What is set to happen when a limit of the group is full, and how many may wait there.
local function set_for(name)
  local _, _, limits = parts_of(name)
  local overflow, most
  for key in string.gmatch(limits, '[^,*]+') do
    local limit = limit_of(key)
    if limit and limit.v then overflow = overflows[limit.v] end
    if limit and limit.m then most = math.min(most or limit.m, limit.m) end
  end
  return overflow, most
end

-- What limits make of a new job that would wait in a group, behind `coming` that come in with it.
local function overflow_of(rule, name, coming, is_single)
  local set, most = set_for(name)
  local overflow = rule.overflow ~= 'queue' and rule.overflow or set
  local waiting = redis.call('LLEN', base .. at.group .. name) + coming
  local key = hindrance(name, waiting)
  if most and waiting >= most and overflow ~= 'drop_new' then return { 'full', key or name, rule.index } end
  if not overflow or not key then return nil end
  if overflow == 'supersede' or overflow == 'terminate' then
    rule.ends = overflow
    return nil
  end
  if overflow == 'buffer_one' and waiting == 0 then return nil end
  return { overflow ~= 'reject' and is_single and 'dropped' or 'full', key, rule.index }
end

-- A queue that holds as many as it may takes no more.
local function queue_full(total)
  local own = 'queue:' .. string.match(base, '{(.*)}')
  if redis.call('EXISTS', gates) == 0 then return nil end
  local limit = limit_of(own)
  if not limit or not limit.m then return nil end
  local open = redis.call('HLEN', jobs) - redis.call('ZCARD', dead)
  if open + total > limit.m then return { 'full', own, 0 } end
end

local function end_running(q, delivery, rule, retention_s)
  local id = string.match(delivery, '|(.+)$') or delivery
  if q == base and rule.ends == 'terminate' then
    strike(id, redis.call('HGET', jobs, id), superseded, retention_s)
  else
    redis.call('HSETNX', q .. at.cancels, id, superseded)
  end
  redis.call('PUBLISH', q .. at.control, delivery .. '\n' .. superseded)
end

-- Ends those that run or wait where a new job wants to be.
local function supersede(rule, name, retention_s)
  local _, _, limits, exclusive = parts_of(name)
  for _, delivery in ipairs(redis.call('LRANGE', base .. at.group .. name, 0, 999)) do
    local id = string.match(delivery, '|(.+)$') or delivery
    local envelope = redis.call('HGET', jobs, id)
    if envelope then strike(id, envelope, superseded, retention_s) end
  end
  local members = {}
  for key in string.gmatch(limits, '[^,*]+') do
    local limit = limit_of(key)
    if limit and limit.c then
      for _, member in ipairs(redis.call('ZRANGE', slots .. key, 0, -1)) do members[#members + 1] = member end
    end
  end
  for _, member in ipairs(members) do
    local q, delivery = string.match(member, '^(.*{[^}]*}:)(.*)$')
    if redis.call('ZSCORE', q .. at.leases, delivery) then end_running(q, delivery, rule, retention_s) end
  end
  local owner = exclusive ~= '' and owner_of(exclusive)
  if not owner or string.sub(owner, 1, -27) ~= base then return end
  local id = string.sub(owner, -26)
  local where, delivery = whereabouts(id)
  if where == 'running' then
    end_running(base, delivery, rule, retention_s)
  else
    strike(id, redis.call('HGET', jobs, id), superseded, retention_s)
  end
end

-- Gives the holder of a lock the time of the job that came instead.
local function reschedule(id, due)
  local _, delivery = whereabouts(id)
  withdraw(delivery, redis.call('HGET', jobs, id), math.huge)
  redis.call('ZADD', later, due, delivery)
  call_out(alarm)
  note(id, '{"t":' .. now .. ',"e":"rescheduled","k":null,"d":' .. due .. '}')
end

-- Put before programs that start and end jobs: what a job holds while it runs or lives, and how it gives it
-- back. The member of a set of slots is the base of the queue's keys and the delivery: its owner's token.

-- Takes all that a delivery of this queue counts against; `obstacle` said before that there is room.
local function take(delivery, limits, exclusive, deadline)
  local held, q, id = {}, base, string.match(delivery, '|(.+)$') or delivery
  for charge in string.gmatch(limits, '[^,]+') do
    local key, cost = string.match(charge, '^([^*]+)%*?(%d*)$')
    local limit = limit_of(key)
    cost = tonumber(cost) or 1
    if limit and limit.c then
      redis.call('ZREMRANGEBYSCORE', slots .. key, '-inf', now)
      redis.call('ZADD', slots .. key, deadline, q .. delivery)
      redis.call('PEXPIRE', slots .. key, forever_ms)
      held[#held + 1] = key
    end
    if limit and limit.n and limit.b then
      local behind = math.max(tonumber(redis.call('GET', pace .. key) or '0') - now, 0)
      behind = behind + math.min(cost, limit.b) * limit.p / limit.n
      redis.call('SET', pace .. key, string.format('%.3f', now + behind), 'PX', math.ceil(behind) + 1)
    elseif limit and limit.n then
      for _ = 1, math.min(cost, limit.n) do redis.call('LPUSH', rate .. key, now) end
      redis.call('LTRIM', rate .. key, 0, limit.n - 1)
      redis.call('PEXPIRE', rate .. key, math.ceil(limit.p))
    end
    if limit and limit.f then
      held[#held + 1] = '!' .. key
      if redis.call('HEXISTS', breaker .. key, 'till') == 1 then
        redis.call('ZADD', probes .. key, deadline, q .. delivery)
        redis.call('PEXPIRE', probes .. key, forever_ms)
      end
    end
  end
  if #held > 0 then redis.call('HSET', q .. at.holds, delivery, table.concat(held, ' ')) end
  if exclusive ~= '' then
    redis.call('SET', only .. exclusive, q .. id)
    redis.call('HSET', q .. at.keeps, id, exclusive)
  end
end

-- Tells a breaker how an attempt went: good, bad, or nothing that speaks for or against what it guards.
local function report(key, member, how)
  local limit = limit_of(key)
  local was_probe = redis.call('ZREM', probes .. key, member) == 1
  if not limit or not limit.f or how == '' then
    if was_probe then freed(key) end
    return
  end
  local state = breaker .. key
  local till = tonumber(redis.call('HGET', state, 'till') or '0')
  if how == 'good' then
    if was_probe and redis.call('HINCRBY', state, 'good', 1) >= (limit.k or 1) then
      redis.call('DEL', state, probes .. key)
    elseif till == 0 then
      redis.call('DEL', state)
    end
    if was_probe then freed(key) end
    return
  end
  -- What was under way when the breaker opened says nothing new.
  if till > 0 and not was_probe then return end
  local failures = redis.call('HINCRBY', state, 'bad', 1)
  if failures == 1 then redis.call('PEXPIRE', state, limit.w or 60000) end
  if was_probe or failures >= limit.f then
    redis.call('DEL', state, probes .. key)
    redis.call('HSET', state, 'till', now + (limit.o or 30000))
    redis.call('PEXPIRE', state, (limit.o or 30000) + forever_ms)
  end
end

-- Gives back what one delivery held. Its own places only, so a late call does no harm.
local function release(q, delivery, how)
  local held = redis.call('HGET', q .. at.holds, delivery)
  if not held then return end
  redis.call('HDEL', q .. at.holds, delivery)
  for key in string.gmatch(held, '%S+') do
    if string.sub(key, 1, 1) == '!' then
      report(string.sub(key, 2), q .. delivery, how)
    elseif redis.call('ZREM', slots .. key, q .. delivery) == 1 then
      freed(key)
    end
  end
end

-- Gives back what a job held as long as it lived.
-- `how` is started, done, cancelled, expired, dead or deleted.
local function finish(q, id, how)
  local till, key = string.match(redis.call('HGET', q .. at.locks, id) or '', '^(%S+) (%S+)$')
  local is_over = how ~= 'started' and not (how == 'dead' and (till == 'success' or till == 'lifetime'))
  if till and (is_over or till == 'start') then
    redis.call('HDEL', q .. at.locks, id)
    local holder = till ~= 'lifetime' and redis.call('GET', q .. at.unique .. key)
    if holder and string.sub(holder, 1, 26) == id then redis.call('DEL', q .. at.unique .. key) end
  end
  if how == 'started' then return end
  local exclusive = redis.call('HGET', q .. at.keeps, id)
  if exclusive then
    redis.call('HDEL', q .. at.keeps, id)
    if redis.call('GET', only .. exclusive) == q .. id then redis.call('DEL', only .. exclusive) end
    freed('=' .. exclusive)
  end
  if redis.call('SREM', q .. at.askers, id) == 1 and how ~= 'deleted' then
    redis.call('LPUSH', q .. at.afters, id)
  end
end

local digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

-- When an id was made, in ms.
local function born(id)
  local moment = 0
  for i = 1, 10 do moment = moment * 32 + string.find(digits, string.sub(id, i, i), 1, true) - 1 end
  return moment
end

local function bucket_of(id)
  return base .. at.ended .. string.format('%d', math.floor(born(id) / 3600000))
end

-- Takes a delivery out of a group to which a rule sent it that has been lifted since.
local function unearth(delivery, own)
  local level, share, _, exclusive = parts_of(own)
  for _, name in ipairs(redis.call('SMEMBERS', groups)) do
    local its_level, its_share, _, its_exclusive = parts_of(name)
    local is_kin = its_level == level and its_share == share and its_exclusive == exclusive
    if is_kin and redis.call('LREM', base .. at.group .. name, 1, delivery) > 0 then
      return dissolve(base, name)
    end
  end
end

-- Takes a delivery of this queue away from wherever it is. Lists longer than `searched` keep it.
local function withdraw(delivery, envelope, searched)
  if redis.call('ZREM', leases, delivery) + redis.call('ZREM', later, delivery)
    + redis.call('HDEL', parked, delivery) > 0 then return end
  local lists = { at.ready[1], at.ready[2], at.ready[3], at.suspects }
  local own, ruled = home(envelope), governed(envelope)
  if own then lists[#lists + 1] = at.group .. own end
  if ruled and ruled ~= own then lists[#lists + 1] = at.group .. ruled end
  local found = 0
  for i = 1, #lists do
    local list = base .. lists[i]
    found = found + (redis.call('LLEN', list) <= searched and redis.call('LREM', list, 1, delivery) or 1)
  end
  if own and redis.call('SISMEMBER', groups, own) == 1 then dissolve(base, own) end
  if ruled and redis.call('SISMEMBER', groups, ruled) == 1 then dissolve(base, ruled) end
  if found == 0 then unearth(delivery, own or level_of(envelope) .. ';;;') end
end

-- Lists longer than this keep the id of a job that is ended while it waits; whoever claims it finds it empty.
local searched = 1000

local function delivery_of(id)
  local number = redis.call('HGET', tries, id)
  return number and number ~= '1' and number .. '|' .. id or id
end

-- Ends a job of this queue that is nowhere any more as cancelled, and gives back all it held.
local function bury(id, envelope, reason, retention_s)
  local delivery = delivery_of(id)
  local failed, told = redis.call('HGET', errors, id), redis.call('HGET', history, id)
  local bucket = bucket_of(id)
  redis.call('HDEL', jobs, id)
  redis.call('HSET', bucket, id, '{"s":"cancelled","f":' .. now .. ',"y":' .. reason
    .. (failed and ',"E":' .. failed or '') .. (told and ',"h":[' .. told .. ']' or '')
    .. ',"o":' .. envelope .. '}')
  redis.call('EXPIRE', bucket, retention_s)
  for i = 1, #marks do redis.call('HDEL', marks[i], id) end
  redis.call('HINCRBY', stats, 'ended', 1)
  tell('cancelled', id, envelope)
  release(base, delivery, '')
  finish(base, id, 'cancelled')
end

-- The same, wherever the job is.
local function strike(id, envelope, reason, retention_s)
  withdraw(delivery_of(id), envelope, searched)
  bury(id, envelope, reason, retention_s)
end

-- Put before programs that move jobs: groups, turns and limits. `q` is the base of a queue's keys.
--
-- Jobs with equal level and flow form a group, a LIST named level;share;limits;exclusive. A group that has
-- jobs is open, and then its share takes turns with the others, or it waits for one key that has no room.
-- An exclusive key is written with = before it where limits are meant too.
local levels = { h = 1, n = 2, l = 3 }
local forever_ms = 3600000
local known_limits, has_pauses, has_gates, gates_known = {}, nil, nil, {}

local function level_of(envelope) return levels[string.sub(envelope, 7, 7)] or 2 end

local function parts_of(group_name) return string.match(group_name, '^(%d);([^;]*);([^;]*);(.*)$') end

-- Lets a group take turns. A share that comes back starts where the others are, never before what it had.
local function enter(q, name, level, share)
  local order = redis.call('HINCRBY', q .. at.clock, 'order', 1)
  redis.call('ZADD', q .. at.open .. level .. ';' .. share, order, name)
  local turn = q .. at.turn .. level
  if not redis.call('ZSCORE', turn, share) then
    local start = tonumber(redis.call('HGET', q .. at.clock, level) or '0')
    local rest = tonumber(redis.call('ZSCORE', q .. at.rest .. level, share) or '0')
    redis.call('ZADD', turn, math.max(start, rest), share)
  end
end

local function leave(q, name, level, share)
  local open_groups, turn = q .. at.open .. level .. ';' .. share, q .. at.turn .. level
  redis.call('ZREM', open_groups, name)
  if redis.call('EXISTS', open_groups) == 1 then return end
  local score = redis.call('ZSCORE', turn, share)
  if not score then return end
  redis.call('ZREM', turn, share)
  -- What it was served ahead of the others stays counted for a while, or it would gain by coming and going.
  redis.call('ZADD', q .. at.rest .. level, score, share)
  redis.call('EXPIRE', q .. at.rest .. level, 30)
end

-- Takes a group out of the line before the key it waits for.
local function unpark_group(q, name)
  local key = redis.call('HGET', q .. at.waits, name)
  if not key then return false end
  redis.call('HDEL', q .. at.waits, name)
  redis.call('ZREM', q .. at.waiters .. key, name)
  if redis.call('EXISTS', q .. at.waiters .. key) == 0 then
    redis.call('ZREM', q .. at.blocked, key)
    redis.call('SREM', seekers .. key, q)
  end
  return true
end

local function join(q, name, delivery, front)
  local length = redis.call(front and 'RPUSH' or 'LPUSH', q .. at.group .. name, delivery)
  if length == 1 then redis.call('SADD', q .. at.groups, name) end
  -- Whoever comes to the front may hold the very key that those behind wait for.
  if length == 1 or (front and unpark_group(q, name)) then
    local level, share = parts_of(name)
    enter(q, name, level, share)
  end
end

-- Forgets a group that has become empty.
local function dissolve(q, name)
  if redis.call('EXISTS', q .. at.group .. name) == 1 then return end
  local level, share = parts_of(name)
  redis.call('SREM', q .. at.groups, name)
  unpark_group(q, name)
  leave(q, name, level, share)
end

-- The group that an envelope names; nil for a job that shares nothing.
local function home(envelope)
  local flow = string.match(envelope, '^[^"%s]*","f":"([^"]*)"', 15)
  return flow and level_of(envelope) .. ';' .. flow
end

-- Puts a delivery where it waits; in front when it is to be claimed before the others.
local function place(q, delivery, envelope, front)
  local name = home(envelope)
  if name then return join(q, name, delivery, front) end
  redis.call(front and 'RPUSH' or 'LPUSH', q .. at.ready[level_of(envelope)], delivery)
end

local function is_gated(subject)
  if gates_known[subject] == nil then
    local stem = string.match(subject, '^%a+:')
    gates_known[subject] = redis.call('HEXISTS', gates, subject) == 1
      or redis.call('HEXISTS', gates, stem .. '*') == 1
  end
  return gates_known[subject]
end

-- The group a job belongs to by the limits and pauses of its queue, name and workspace too.
local function governed(envelope)
  if has_gates == nil then has_gates = redis.call('EXISTS', gates) == 1 end
  local name = home(envelope)
  if not has_gates then return name end
  local level, share, limits, exclusive = parts_of(name or (level_of(envelope) .. ';;;'))
  local subjects = {
    'queue:' .. string.match(base, '{(.*)}'),
    'job:' .. (string.match(envelope, '"n":"([^"%s;,*|\\]*)"', 15) or ''),
    'workspace:' .. workspace(envelope),
  }
  for i = 1, 3 do
    if is_gated(subjects[i]) then limits = limits .. (limits == '' and '' or ',') .. subjects[i] end
  end
  if share == '' and limits == '' and exclusive == '' then return nil end
  return level .. ';' .. share .. ';' .. limits .. ';' .. exclusive
end

-- What is set for a key, or for its family: letters with numbers, as Limit.swift writes them.
local function limit_of(key)
  local known = known_limits[key]
  if known ~= nil then return known end
  local text = redis.call('HGET', limits_set, key)
  if not text then
    local stem = string.match(key, '^(.*:)[^:]*$')
    text = stem and redis.call('HGET', limits_set, stem .. '*')
  end
  known = false
  if text then
    known = {}
    for letter, value in string.gmatch(text, '(%a)=([%d.]+)') do known[letter] = tonumber(value) end
    -- Calls need time on their way, so a window is made longer by a fifth, half a second at most.
    if known.p then known.p = known.p + math.min(known.p / 5, 500) end
  end
  known_limits[key] = known
  return known
end

-- When the pause of a key, or of its family, ends; nil when it is not paused.
local function pause_of(key)
  if has_pauses == nil then has_pauses = redis.call('EXISTS', pauses) == 1 end
  local text = has_pauses and redis.call('HGET', pauses, key)
  if has_pauses and not text then
    local stem = string.match(key, '^(.*:)[^:]*$')
    text = stem and redis.call('HGET', pauses, stem .. '*')
  end
  if not text then return nil end
  local till = tonumber(string.match(text, '^%d+'))
  if till == 0 then return now + forever_ms end
  return till > now and till or nil
end

-- How many units of its rate a key has now, and when it has `cost`.
local function rate_of(key, limit, cost)
  if limit.b then
    local unit = limit.p / limit.n
    local behind = math.max(tonumber(redis.call('GET', pace .. key) or '0') - now, 0)
    local units = math.floor((limit.b * unit - behind) / unit + 1e-6)
    return units, now + math.ceil(behind + (math.min(cost, limit.b) - limit.b) * unit)
  end
  -- Newest first: a unit is free again a window after it was taken.
  local taken = rate .. key
  local used, all = 0, redis.call('LLEN', taken)
  while used < all do
    local middle = math.floor((used + all) / 2)
    local is_used = tonumber(redis.call('LINDEX', taken, middle)) + limit.p > now
    if is_used then used = middle + 1 else all = middle end
  end
  local last = redis.call('LINDEX', taken, math.max(limit.n - math.min(cost, limit.n), 0))
  return limit.n - used, last and math.ceil(tonumber(last) + limit.p) or now
end

-- How many more a breaker lets through: all while it is closed, none while it is open, else its probes.
local function breaker_of(key, limit)
  local till = tonumber(redis.call('HGET', breaker .. key, 'till') or '0')
  if till == 0 then return 100, now end
  if till > now then return 0, till end
  local sent = redis.call('ZRANGEBYSCORE', probes .. key, '(' .. now, '+inf', 'WITHSCORES')
  local good = tonumber(redis.call('HGET', breaker .. key, 'good') or '0')
  return (limit.k or 1) - good - #sent / 2, tonumber(sent[2] or now + 1000)
end

-- Who holds an exclusive key, if that job has not ended.
local function owner_of(key)
  local owner = redis.call('GET', only .. key)
  if not owner then return nil end
  local q, id = string.sub(owner, 1, -27), string.sub(owner, -26)
  local lives = redis.call('HEXISTS', q .. at.jobs, id) == 1 and not redis.call('ZSCORE', q .. at.dead, id)
  return lives and owner or nil
end

-- How many may pass a key now, and if that is none, until when and why.
local function room_of(key, cost)
  if string.sub(key, 1, 1) == '=' then
    if owner_of(string.sub(key, 2)) then return 0, now + forever_ms, 'exclusive' end
    return 1
  end
  local till = pause_of(key)
  if till then return 0, till, 'paused' end
  till = tonumber(redis.call('GET', cool .. key) or '0')
  if till > now then return 0, till, 'cooled' end
  local limit, most = limit_of(key), 100
  if not limit then return most end
  if limit.c then
    most = math.min(most, limit.c - redis.call('ZCOUNT', slots .. key, '(' .. now, '+inf'))
    if most <= 0 then
      local first = redis.call('ZRANGEBYSCORE', slots .. key, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
      return 0, tonumber(first[2] or now + forever_ms), 'concurrency'
    end
  end
  if limit.n then
    local units, free = rate_of(key, limit, cost)
    -- A job that costs more than there ever is takes all of it.
    cost = math.min(cost, limit.b or limit.n)
    if units < cost then return 0, math.max(free, now + 1), 'rate' end
    most = math.min(most, math.floor(units / cost))
  end
  if limit.f then
    local some, free = breaker_of(key, limit)
    if some <= 0 then return 0, free, 'breaker' end
    most = math.min(most, some)
  end
  return most
end

-- The first key that keeps a job from starting, until when, and why; nil when none does.
local function obstacle(q, id, limits, exclusive)
  for charge in string.gmatch(limits, '[^,]+') do
    local key, cost = string.match(charge, '^([^*]+)%*?(%d*)$')
    local room, till, why = room_of(key, tonumber(cost) or 1)
    if room <= 0 then return key, till, why end
  end
  if exclusive ~= '' then
    local owner = owner_of(exclusive)
    if owner and owner ~= q .. id then return '=' .. exclusive, now + forever_ms, 'exclusive' end
  end
end

-- Lets the first of those that wait for a key try again, as many as it has room for.
local function summon(q, key)
  local line = q .. at.waiters .. key
  local room, till = room_of(key, 1)
  local called = room > 0 and redis.call('ZPOPMIN', line, math.min(room, 100)) or {}
  for i = 1, #called, 2 do
    local level, share = parts_of(called[i])
    redis.call('HDEL', q .. at.waits, called[i])
    enter(q, called[i], level, share)
  end
  if redis.call('EXISTS', line) == 0 then
    redis.call('ZREM', q .. at.blocked, key)
    redis.call('SREM', seekers .. key, q)
  else
    -- The next who finds the key without room says until when; this is for when none comes to find out.
    redis.call('ZADD', q .. at.blocked, room > 0 and now + 1000 or till, key)
  end
  if #called > 0 then call_out(q .. at.wake) end
end

-- A key has room again: those of all queues that wait for it hear of it.
local function freed(key)
  local bases = redis.call('SMEMBERS', seekers .. key)
  for i = 1, #bases do summon(bases[i], key) end
end

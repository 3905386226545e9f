-- Put before the program that hands out jobs: from lists, from groups in turns, with what each must take.
local claims, granted, redelivered = {}, {}, {}
local deadline, got, moved = 0, 0, 0

local function grant(delivery, id, envelope)
  got = got + 1
  claims[2 * got - 1], claims[2 * got] = delivery, envelope
  granted[2 * got - 1], granted[2 * got] = deadline, delivery
  tell('running', id, envelope)
  if id ~= delivery then
    local i = #redelivered
    redelivered[i + 1], redelivered[i + 2] = delivery, redis.call('HGET', errors, id) or ''
    redelivered[i + 3] = redis.call('HGET', crashes, id) or '0'
    redelivered[i + 4] = redis.call('HGET', history, id) or ''
  end
end

local function id_of(delivery)
  local bar = string.find(delivery, '|', 1, true)
  return bar and string.sub(delivery, bar + 1) or delivery
end

-- Claims from a list. Jobs that some rule governs meanwhile go to their groups instead.
local function claim_list(level, want)
  local rounds = 0
  while got < want and moved < 200 and rounds < 8 do
    rounds = rounds + 1
    local popped = redis.call('RPOP', base .. at.ready[level], want - got)
    if not popped then return end
    local ids = {}
    for i = 1, #popped do ids[i] = id_of(popped[i]) end
    local envelopes = redis.call('HMGET', jobs, unpack(ids))
    for i = 1, #popped do
      -- A cancelled job leaves its id in the list and takes its envelope away.
      local envelope = envelopes[i]
      local name = envelope and has_gates and governed(envelope)
      if name then
        join(base, name, popped[i], popped[i] ~= ids[i])
        moved = moved + 1
      elseif envelope then
        grant(popped[i], ids[i], envelope)
      end
    end
  end
end

-- Sends a group to the line before the key that keeps it.
local function line_up(name, key, till)
  local level, share, limits = parts_of(name)
  leave(base, name, level, share)
  redis.call('ZADD', base .. at.waiters .. key, redis.call('HINCRBY', base .. at.clock, 'order', 1), name)
  redis.call('HSET', base .. at.waits, name, key)
  redis.call('SADD', seekers .. key, base)
  local first = redis.call('ZRANGE', blocked, 0, 0, 'WITHSCORES')
  redis.call('ZADD', blocked, 'LT', till, key)
  if not first[1] or till < tonumber(first[2]) then call_out(alarm) end
  -- It may have been called to another key, whose room is for the next in that line then.
  for other in string.gmatch(limits, '[^,*]+') do
    if other ~= key and redis.call('ZSCORE', blocked, other) and room_of(other, 1) > 0 then
      redis.call('ZADD', blocked, now, other)
      call_out(alarm)
    end
  end
end

-- One attempt to serve the group whose share has waited longest; true when a job came of it.
local function serve(level, name, share, turn_at)
  local list = base .. at.group .. name
  local delivery = redis.call('LINDEX', list, -1)
  local id = delivery and id_of(delivery)
  local envelope = id and redis.call('HGET', jobs, id)
  if not envelope then
    if delivery then redis.call('RPOP', list) end
    return dissolve(base, name)
  end
  local ruled = governed(envelope) or name
  if ruled ~= name then
    redis.call('RPOP', list)
    join(base, ruled, delivery, delivery ~= id)
    moved = moved + 1
    return dissolve(base, name)
  end
  local _, _, limits, exclusive = parts_of(name)
  local key, till = obstacle(base, id, limits, exclusive)
  if key then return line_up(name, key, till) end
  redis.call('RPOP', list)
  if limits ~= '' or exclusive ~= '' then take(delivery, limits, exclusive, deadline) end
  local weight = tonumber(redis.call('HGET', shares, share) or '1')
  redis.call('ZADD', base .. at.turn .. level, turn_at + 1 / weight, share)
  if redis.call('EXISTS', list) == 0 then
    dissolve(base, name)
  else
    local groups_open = base .. at.open .. level .. ';' .. share
    if redis.call('ZCARD', groups_open) > 1 then
      redis.call('ZADD', groups_open, redis.call('HINCRBY', clock, 'order', 1), name)
    end
  end
  grant(delivery, id, envelope)
end

-- Claims from the groups of a level, the share served least first.
local function claim_groups(level, want)
  local turn, tries_left, served_at = base .. at.turn .. level, want - got + 100, nil
  while got < want and tries_left > 0 do
    tries_left = tries_left - 1
    local first = redis.call('ZRANGE', turn, 0, 0, 'WITHSCORES')
    if not first[1] then break end
    local share, turn_at = first[1], tonumber(first[2])
    local name = redis.call('ZRANGE', base .. at.open .. level .. ';' .. share, 0, 0)[1]
    if name then
      serve(level, name, share, turn_at)
      served_at = turn_at
    else
      redis.call('ZREM', turn, share)
    end
  end
  if served_at then
    redis.call('HSET', clock, level, string.format('%.17g', served_at))
    redis.call('ZREMRANGEBYSCORE', base .. at.rest .. level, '-inf', served_at)
  end
  return tries_left == 0
end

-- A suspect (its workers died twice) runs with no other suspect beside it, so that innocents are not blamed.
local function claim_suspect()
  local delivery = redis.call('RPOP', suspects)
  local id = delivery and id_of(delivery)
  local envelope = id and redis.call('HGET', jobs, id)
  if not envelope then return end
  local name = governed(envelope)
  if name then
    local _, _, limits, exclusive = parts_of(name)
    if obstacle(base, id, limits, exclusive) then return redis.call('LPUSH', suspects, delivery) end
    take(delivery, limits, exclusive, deadline)
  end
  grant(delivery, id, envelope)
end

local function is_old(delivery, ageing_ms) return delivery and born(id_of(delivery)) < now - ageing_ms end

-- What waits lowest is served first now and then, once it has waited long, so that nothing starves.
local function claim_aged(want, ageing_ms)
  if tonumber(time[2]) % 8 ~= 0 then return end
  for level = 3, 2, -1 do
    local oldest = redis.call('LINDEX', base .. at.ready[level], -1)
    if is_old(oldest, ageing_ms) then return claim_list(level, math.min(want, got + 1)) end
    local share = redis.call('ZRANGE', base .. at.turn .. level, 0, 0)[1]
    local name = share and redis.call('ZRANGE', base .. at.open .. level .. ';' .. share, 0, 0)[1]
    oldest = name and redis.call('LINDEX', base .. at.group .. name, -1)
    if is_old(oldest, ageing_ms) then return claim_groups(level, math.min(want, got + 1)) end
  end
end

-- Claims up to `want` jobs; true when more may wait.
local function claim(want, may_be_suspect, ageing_ms)
  if has_gates == nil then has_gates = redis.call('EXISTS', gates) == 1 end
  local own = 'queue:' .. string.match(base, '{(.*)}')
  local stopped = has_gates and pause_of(own)
  if stopped then
    redis.call('ZADD', blocked, stopped, own)
    redis.call('SADD', seekers .. own, base)
    return false
  end
  local turns = base .. at.turn
  local takes_turns = redis.call('EXISTS', turns .. 1, turns .. 2, turns .. 3) > 0
  local is_cut = false
  if may_be_suspect then claim_suspect() end
  claim_aged(want, ageing_ms)
  for level = 1, 3 do
    if got < want then
      -- Jobs that take no turns are one party beside the groups.
      local most = takes_turns and got + math.ceil((want - got) / 2) or want
      claim_list(level, most)
      if takes_turns or moved > 0 then
        is_cut = claim_groups(level, want) or is_cut
        claim_list(level, want)
      end
    end
  end
  if got > 0 then redis.call('ZADD', leases, unpack(granted)) end
  return got >= want or is_cut or moved >= 200
end

#!lua flags=no-writes
-- Tells everything that keeps a job from being claimed now.
-- ARGV[1] id
-- returns state, jobs before it in its list or group (-1 when it is in none), then three for each that keeps
-- it: kind, key, until_ms (0 when nobody knows)
local id = ARGV[1]
local envelope = redis.call('HGET', jobs, id)
if not envelope then return { 'missing', -1, {} } end
local found = {}

local function blocks(kind, key, till)
  found[#found + 1] = kind
  found[#found + 1] = key
  found[#found + 1] = till and string.format('%d', till) or '0'
end

-- The pause of a queue or of a key, with its own end instead of when it is looked at again.
local function paused_until(key)
  local till = pause_of(key)
  return till and (till == now + forever_ms and 0 or till)
end

local number = redis.call('HGET', tries, id)
local delivery = number and number ~= '1' and number .. '|' .. id or id
local due = redis.call('ZSCORE', later, delivery)
if redis.call('ZSCORE', leases, delivery) then return { 'running', -1, found } end
if redis.call('ZSCORE', dead, id) then return { 'dead', -1, found } end
local ahead, state = -1, 'waiting'
if due then
  state = 'scheduled'
  blocks(redis.call('HEXISTS', errors, id) == 1 and 'backoff' or 'delay', '', tonumber(due))
elseif redis.call('HEXISTS', parked, delivery) == 1 then
  state = 'parked'
  blocks('no_worker', redis.call('HGET', parked, delivery), nil)
end

local own = 'queue:' .. string.match(base, '{(.*)}')
local name = governed(envelope)
local _, _, limits, exclusive = parts_of(name or '1;;;')
if not name or not string.find(',' .. limits .. ',', ',' .. own .. ',', 1, true) then
  local till = paused_until(own)
  if till then blocks('paused', own, till) end
end
for charge in string.gmatch(limits, '[^,]+') do
  local key, cost = string.match(charge, '^([^*]+)%*?(%d*)$')
  local room, till, why = room_of(key, tonumber(cost) or 1)
  if room <= 0 then blocks(why, key, why == 'paused' and paused_until(key) or till) end
end
local owner = exclusive ~= '' and owner_of(exclusive)
if owner and owner ~= base .. id then blocks('exclusive', exclusive .. ' ' .. string.sub(owner, -26), nil) end

if state == 'waiting' then
  local lists = { at.group .. (home(envelope) or ''), at.group .. (name or ''), at.suspects }
  for level = 1, 3 do lists[#lists + 1] = at.ready[level] end
  for i = 1, #lists do
    local place_of = redis.call('LPOS', base .. lists[i], delivery, 'RANK', -1)
    if place_of then
      ahead = redis.call('LLEN', base .. lists[i]) - 1 - place_of
      if lists[i] == at.suspects and redis.call('LLEN', suspects) > 1 and ahead > 0 then
        blocks('suspects', '', nil)
      elseif exclusive ~= '' and ahead > 0 then
        blocks('order', exclusive, nil)
      end
      break
    end
  end
end
return { state, ahead, found }

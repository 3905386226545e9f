#!lua flags=allow-oom
-- Settles what ended and claims what may start, in one call.
-- An outcome whose delivery is no longer leased is refused.
-- ARGV[1] lease_ms   ARGV[2] jobs wanted   ARGV[3] 1 when a suspect may be among them   ARGV[4] retention_s
-- ARGV[5] events_s   ARGV[6] ageing_ms   ARGV[7] ended   ARGV[8] marked   ARGV[9] others   ARGV[10] buckets
-- ARGV[11] event lines of the ended   ARGV[12] the worker (a JSON string)
-- ARGV[13..] the ended deliveries, then their ids, then for each bucket its key's end, a count and that many
-- pairs of id and record; the ids of those that left marks (tries, crashes, ...); then ten for each other
-- outcome: delivery, id, later|front|dead|parked, next number, next delivery, pause_ms, payload, event line,
-- how it speaks of what it called (good, bad or ''), the pause_ms that the other side asked for or ''
-- returns now_ms, 1 when more may wait, the deliveries refused, delivery and envelope of each claim,
-- delivery, errors, crashes and history of each claim that is no first one
local retention_s = ARGV[4]
local ended, marked, others = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local buckets = tonumber(ARGV[10])
local lost, kinds = {}, {}
-- By position: outcomes refused. By id: jobs of which nothing but refused outcomes came, so that all that is
-- noted of them is another's. A worker can hold an old and the new delivery of one job and bring both
-- outcomes at once.
local is_lost, is_anothers = {}, {}
-- Most queues hold nothing that a job's end must give back; then this one look is all it costs.
local has_ties = ended + others > 0 and redis.call('EXISTS', holds, locks, keeps, askers) > 0

local function count(kind, by) kinds[kind] = (kinds[kind] or 0) + by end

-- Sorts out which of the ended were still this worker's; the ids to settle and where they stand.
local function sort_out(at_deliveries, at_ids)
  local settled, last = {}, 0
  for i = 0, ended - 1 do
    local delivery, id = ARGV[at_deliveries + i], ARGV[at_ids + i]
    local number = string.match(delivery, '^(%d+)|') or '1'
    -- A lease that is gone was taken over, and then the job's number grew,
    -- or the job ended, and then its envelope is gone.
    if (redis.call('HGET', tries, id) or '1') ~= number or redis.call('HEXISTS', jobs, id) == 0 then
      lost[#lost + 1] = delivery
      is_lost[i] = true
      if is_anothers[id] == nil then is_anothers[id] = true end
    else
      last = last + 1
      settled[last] = id
      is_anothers[id] = false
    end
  end
  return settled, last
end

-- Writes the records and event lines of those that were not refused, which are not all.
local function keep_some(at_ids, pair_at)
  local line = string.gmatch(ARGV[11], '[^\n]+')
  for i = 0, ended - 1 do
    local text = line()
    -- The records of a bucket stand in the order of the outcomes.
    for bucket, pair in pairs(pair_at) do
      if ARGV[pair] == ARGV[at_ids + i] then
        pair_at[bucket] = pair + 2
        if not is_lost[i] then
          redis.call('HSET', bucket, ARGV[pair], ARGV[pair + 1])
          redis.call('EXPIRE', bucket, retention_s)
        end
        break
      end
    end
    if not is_lost[i] then lines[#lines + 1] = text end
  end
end

-- Clears away what the settled left, and gives back what they held.
local function clear(settled, first, last, at_deliveries)
  if last < first then return end
  redis.call('HDEL', jobs, unpack(settled, first, last))
  -- Also of jobs that left no mark: progress, a holder or a cancel may have come while this call was on its
  -- way.
  for _, mark in ipairs({ progress, holders, cancels, history }) do
    if redis.call('EXISTS', mark) == 1 then redis.call('HDEL', mark, unpack(settled, first, last)) end
  end
  count('ended', last - first + 1)
  if not has_ties then return end
  local line = string.gmatch(ARGV[11], '(%a+) [^\n]+')
  for i = 0, ended - 1 do
    local how = line()
    release(base, ARGV[at_deliveries + i], how == 'done' and 'good' or '')
    if not is_lost[i] then finish(base, ARGV[at_deliveries + ended + i], how) end
  end
end

local cursor = 13
if ended > 0 then
  local at_deliveries, at_ids = cursor, cursor + ended
  cursor = at_ids + ended
  local settled, first, last = ARGV, at_ids, at_ids + ended - 1
  if redis.call('ZREM', leases, unpack(ARGV, at_deliveries, at_ids - 1)) ~= ended then
    first = 1
    settled, last = sort_out(at_deliveries, at_ids)
  end
  local pair_at = {}
  for _ = 1, buckets do
    local bucket, n = base .. ARGV[cursor], tonumber(ARGV[cursor + 1])
    pair_at[bucket] = cursor + 2
    if n > 0 and #lost == 0 then
      redis.call('HSET', bucket, unpack(ARGV, cursor + 2, cursor + 1 + 2 * n))
      redis.call('EXPIRE', bucket, retention_s)
    end
    cursor = cursor + 2 + 2 * n
  end
  if #lost == 0 then lines[1] = ARGV[11] else keep_some(at_ids, pair_at) end
  clear(settled, first, last, at_deliveries)
end

for i = cursor, cursor + marked - 1 do
  if not is_anothers[ARGV[i]] then
    for mark = 1, #marks do redis.call('HDEL', marks[mark], ARGV[i]) end
  end
end
cursor = cursor + marked

-- The other side asked for a pause: nobody calls it before that is over. It stands behind the keys that begin
-- with provider:, or behind all keys of the job where none does.
local function heed(envelope, pause_ms)
  local keys, providers = {}, {}
  local _, _, limits = parts_of(home(envelope) or '1;;;')
  for charge in string.gmatch(limits, '[^,]+') do
    local key = string.match(charge, '^[^*]+')
    keys[#keys + 1] = key
    if string.sub(key, 1, 9) == 'provider:' then providers[#providers + 1] = key end
  end
  if #providers > 0 then keys = providers end
  for i = 1, #keys do
    local till = math.max(now + pause_ms, tonumber(redis.call('GET', cool .. keys[i]) or '0'))
    redis.call('SET', cool .. keys[i], string.format('%d', till), 'PX', math.ceil(till - now))
  end
end

local function settle(i)
  local delivery, id, where = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('ZREM', leases, delivery) == 0 then
    lost[#lost + 1] = delivery
    return
  end
  local envelope, line = redis.call('HGET', jobs, id) or '', ARGV[i + 7]
  redis.call('HSET', tries, id, ARGV[i + 3])
  redis.call('HDEL', holders, id)
  if ARGV[i + 9] ~= '' then heed(envelope, tonumber(ARGV[i + 9])) end
  if has_ties then release(base, delivery, ARGV[i + 8]) end
  local reason = where ~= 'dead' and redis.call('HGET', cancels, id)
  if reason then
    -- Cancelled while it ran, and this attempt did not hear of it in time: it ends here instead of running
    -- again.
    return bury(id, envelope, reason, retention_s)
  end
  note(id, '{"t":' .. now .. ',"e":"' .. string.match(line, '^%a+') .. '","k":' .. ARGV[12] .. ',"d":'
    .. (string.match(line, '^%S+ %S+ %S* (.+)$') or 'null') .. '}')
  if where == 'later' then
    local first = redis.call('ZRANGE', later, 0, 0)[1]
    redis.call('ZADD', later, now + tonumber(ARGV[i + 5]), ARGV[i + 4])
    if ARGV[i + 6] ~= '' then redis.call('HSET', errors, id, ARGV[i + 6]) end
    if redis.call('ZRANGE', later, 0, 0)[1] ~= first then call_out(alarm) end
  elseif where == 'front' then
    place(base, ARGV[i + 4], envelope, true)
    call_out(wake)
  elseif where == 'dead' then
    redis.call('ZADD', dead, now, id)
    redis.call('HSET', graves, id, ARGV[i + 6])
    for mark = 2, #marks - 1 do redis.call('HDEL', marks[mark], id) end
    if has_ties then finish(base, id, 'dead') end
  else
    redis.call('HSET', parked, ARGV[i + 4], ARGV[i + 6])
  end
  lines[#lines + 1] = line
  count(where, 1)
end
for other = 0, others - 1 do settle(cursor + 10 * other) end

local want, more = tonumber(ARGV[2]), false
deadline = now + tonumber(ARGV[1])
if want > 0 then more = claim(want, ARGV[3] == '1', tonumber(ARGV[6])) end
if got > 0 then
  if redis.call('EXISTS', locks) == 1 then
    for i = 2, 2 * got, 2 do finish(base, id_of(granted[i]), 'started') end
  end
  local waiting = more and redis.call('EXISTS', ready[1], ready[2], ready[3], base .. at.turn .. 1,
    base .. at.turn .. 2, base .. at.turn .. 3) > 0
  if waiting or ARGV[3] == '1' and redis.call('EXISTS', suspects) == 1 then call_out(wake) end
end

if #lost > 0 then count('refused', #lost) end
for kind, by in pairs(kinds) do redis.call('HINCRBY', stats, kind, by) end
publish(ARGV[5], #lines + ended)
return { now, more and 1 or 0, lost, claims, redelivered }

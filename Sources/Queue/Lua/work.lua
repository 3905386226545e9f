#!lua flags=allow-oom
-- Settles what ended and claims what may start, in one call.
-- An outcome whose delivery is no longer leased is refused.
-- KEYS[1..3] ready:high, ready:normal, ready:low   KEYS[4] suspects   KEYS[5] jobs   KEYS[6] leases   KEYS[7]
-- later
-- KEYS[8] parked   KEYS[9] dead   KEYS[10] graves   KEYS[11] tries   KEYS[12] crashes   KEYS[13] errors
-- KEYS[14] progress   KEYS[15] holders   KEYS[16] cancels   KEYS[17] wake   KEYS[18] alarm   KEYS[19] seq
-- KEYS[20] events   KEYS[21] stats   KEYS[22..] the ended:<bucket> of the outcomes
-- ARGV[1] lease_ms   ARGV[2] jobs wanted   ARGV[3] 1 when a suspect may be among them   ARGV[4] retention_s
-- ARGV[5] events_s   ARGV[6] ended   ARGV[7] marked   ARGV[8] others   ARGV[9] buckets
-- ARGV[10] event lines of the ended
-- ARGV[11..] the ended deliveries, then their ids, then for each bucket a count and that many pairs of id and
-- record; the ids of those that left marks (tries, crashes, ...); then ten for each other outcome: delivery,
-- id, later|front|dead|parked, next number, next delivery, level 1..3, pause_ms, payload, event line, bucket
-- returns now_ms, 1 when more may wait, the deliveries refused, delivery and envelope of each claim,
-- delivery, errors and crashes of each claim that is no first one

-- The workspace stands right behind the level, at the fifteenth byte; a damaged envelope must not stop the
-- others.
local function workspace(envelope) return string.match(envelope, '^[^"%s]*', 15) end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ended, marked, others = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local buckets = tonumber(ARGV[9])
local lines, lost, kinds = {}, {}, {}
-- By position: outcomes refused. By id: jobs of which nothing but refused outcomes came, so that all that is
-- noted of them is another's. A worker can hold an old and the new delivery of one job and bring both
-- outcomes at once.
local is_lost, is_anothers = {}, {}

local function count(kind, by) kinds[kind] = (kinds[kind] or 0) + by end

local at = 11
if ended > 0 then
  local ids = at + ended
  local cursor = ids + ended
  local all = redis.call('ZREM', KEYS[6], unpack(ARGV, at, ids - 1)) == ended
  local settled, first, last = ARGV, ids, ids + ended - 1
  if not all then
    settled, first, last = {}, 1, 0
    for i = 0, ended - 1 do
      local delivery, id = ARGV[at + i], ARGV[ids + i]
      local number = string.match(delivery, '^(%d+)|') or '1'
      -- A lease that is gone was taken over, and then the job's number grew,
      -- or the job ended, and then its envelope is gone.
      if (redis.call('HGET', KEYS[11], id) or '1') ~= number or redis.call('HEXISTS', KEYS[5], id) == 0 then
        lost[#lost + 1] = delivery
        is_lost[i] = true
        if is_anothers[id] == nil then is_anothers[id] = true end
      else
        last = last + 1
        settled[last] = id
        is_anothers[id] = false
      end
    end
  end
  local pair_at = {}
  for bucket = 1, buckets do
    local n = tonumber(ARGV[cursor])
    pair_at[bucket] = cursor + 1
    if n > 0 and #lost == 0 then
      redis.call('HSET', KEYS[21 + bucket], unpack(ARGV, cursor + 1, cursor + 2 * n))
      redis.call('EXPIRE', KEYS[21 + bucket], ARGV[4])
    end
    cursor = cursor + 1 + 2 * n
  end
  if #lost == 0 then
    lines[1] = ARGV[10]
  else
    local line = string.gmatch(ARGV[10], '[^\n]+')
    for i = 0, ended - 1 do
      local text = line()
      -- The records of a bucket stand in the order of the outcomes.
      for bucket = 1, buckets do
        local pair = pair_at[bucket]
        if ARGV[pair] == ARGV[ids + i] then
          pair_at[bucket] = pair + 2
          if not is_lost[i] then
            redis.call('HSET', KEYS[21 + bucket], ARGV[pair], ARGV[pair + 1])
            redis.call('EXPIRE', KEYS[21 + bucket], ARGV[4])
          end
          break
        end
      end
      if not is_lost[i] then lines[#lines + 1] = text end
    end
  end
  if last >= first then
    redis.call('HDEL', KEYS[5], unpack(settled, first, last))
    -- Also of jobs that left no mark: progress, a holder or a cancel may have come while this call was on its
    -- way.
    for key = 14, 16 do
      if redis.call('EXISTS', KEYS[key]) == 1 then
        redis.call('HDEL', KEYS[key], unpack(settled, first, last))
      end
    end
    count('ended', last - first + 1)
  end
  at = cursor
else
  -- The buckets are there for jobs that may turn out cancelled; each says it has no record.
  at = at + buckets
end

for i = at, at + marked - 1 do
  if not is_anothers[ARGV[i]] then
    for key = 11, 16 do redis.call('HDEL', KEYS[key], ARGV[i]) end
  end
end
at = at + marked

local function settle(i)
  local delivery, id, where, level = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 5])
  if redis.call('ZREM', KEYS[6], delivery) == 0 then
    lost[#lost + 1] = delivery
    return
  end
  redis.call('HSET', KEYS[11], id, ARGV[i + 3])
  redis.call('HDEL', KEYS[15], id)
  local reason = where ~= 'dead' and redis.call('HGET', KEYS[16], id)
  if reason then
    -- Cancelled while it ran, and this attempt did not hear of it in time: it ends here instead of running
    -- again.
    local bucket, errors = KEYS[21 + tonumber(ARGV[i + 9])], redis.call('HGET', KEYS[13], id)
    redis.call('HSET', bucket, id, '{"s":"cancelled","f":' .. now .. ',"y":' .. reason
      .. (errors and ',"E":' .. errors or '') .. ',"o":' .. redis.call('HGET', KEYS[5], id) .. '}')
    redis.call('EXPIRE', bucket, ARGV[4])
    redis.call('HDEL', KEYS[5], id)
    for key = 11, 16 do redis.call('HDEL', KEYS[key], id) end
    lines[#lines + 1] = 'cancelled ' .. string.match(ARGV[i + 8], '^%S+ (%S+ %S*)')
    return count('ended', 1)
  end
  if where == 'later' then
    local first = redis.call('ZRANGE', KEYS[7], 0, 0)[1]
    redis.call('ZADD', KEYS[7], now + tonumber(ARGV[i + 6]), ARGV[i + 4])
    if ARGV[i + 7] ~= '' then redis.call('HSET', KEYS[13], id, ARGV[i + 7]) end
    if redis.call('ZRANGE', KEYS[7], 0, 0)[1] ~= first and redis.call('LLEN', KEYS[18]) == 0 then
      redis.call('LPUSH', KEYS[18], '1')
    end
  elseif where == 'front' then
    redis.call('RPUSH', KEYS[level], ARGV[i + 4])
    if redis.call('LLEN', KEYS[17]) == 0 then redis.call('LPUSH', KEYS[17], '1') end
  elseif where == 'dead' then
    redis.call('ZADD', KEYS[9], now, id)
    redis.call('HSET', KEYS[10], id, ARGV[i + 7])
    for key = 12, 16 do redis.call('HDEL', KEYS[key], id) end
  else
    redis.call('HSET', KEYS[8], ARGV[i + 4], ARGV[i + 7])
  end
  lines[#lines + 1] = ARGV[i + 8]
  count(where, 1)
end
for other = 0, others - 1 do settle(at + 10 * other) end

local want = tonumber(ARGV[2])
local got, claims, redelivered, more = {}, {}, {}, 0
if want > 0 then
  -- A suspect (its last worker died) runs with no other suspect beside it, so that innocents are not blamed
  -- with it.
  if ARGV[3] == '1' then got[1] = redis.call('RPOP', KEYS[4]) or nil end
  for level = 1, 3 do
    if #got < want then
      local popped = redis.call('RPOP', KEYS[level], want - #got)
      if popped then
        for i = 1, #popped do got[#got + 1] = popped[i] end
      end
    end
  end
end
if #got > 0 then
  local ids, leases, deadline = {}, {}, now + tonumber(ARGV[1])
  for i = 1, #got do
    local bar = string.find(got[i], '|', 1, true)
    ids[i] = bar and string.sub(got[i], bar + 1) or got[i]
  end
  local envelopes = redis.call('HMGET', KEYS[5], unpack(ids))
  for i = 1, #got do
    -- A cancelled job leaves its id in the list and takes its envelope away.
    local envelope, delivery = envelopes[i], got[i]
    if envelope then
      claims[#claims + 1] = delivery
      claims[#claims + 1] = envelope
      leases[#leases + 1] = deadline
      leases[#leases + 1] = delivery
      lines[#lines + 1] = 'running ' .. ids[i] .. ' ' .. workspace(envelope)
      if ids[i] ~= delivery then
        redelivered[#redelivered + 1] = delivery
        redelivered[#redelivered + 1] = redis.call('HGET', KEYS[13], ids[i]) or ''
        redelivered[#redelivered + 1] = redis.call('HGET', KEYS[12], ids[i]) or '0'
      end
    end
  end
  if #leases > 0 then redis.call('ZADD', KEYS[6], unpack(leases)) end
  if got[1] and ARGV[3] == '1' and redis.call('LLEN', KEYS[4]) > 0 and redis.call('LLEN', KEYS[17]) == 0 then
    redis.call('LPUSH', KEYS[17], '1')
  end
  if #got >= want then
    more = 1
    local left = redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2]) + redis.call('LLEN', KEYS[3])
    if left > 0 and redis.call('LLEN', KEYS[17]) == 0 then redis.call('LPUSH', KEYS[17], '1') end
  end
end

if #lost > 0 then count('refused', #lost) end
for kind, by in pairs(kinds) do redis.call('HINCRBY', KEYS[21], kind, by) end
if #lines > 0 then
  local text = table.concat(lines, '\n')
  local seq = redis.call('INCR', KEYS[19])
  redis.call('XADD', KEYS[20], 'MAXLEN', '~', #lines + ended > 10 and 1000 or 10000, seq .. '-0', 't', text)
  redis.call('EXPIRE', KEYS[20], ARGV[5])
  redis.call('PUBLISH', KEYS[20], seq .. '\n' .. text)
end
return { now, more, lost, claims, redelivered }

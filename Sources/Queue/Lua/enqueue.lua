#!lua
-- Takes up to 1,000 jobs in and wakes a worker; all of them or none.
-- ARGV[1] events_s   ARGV[2] retention_s   ARGV[3..7] how many are high, normal, low, shared, later
-- ARGV[8] how many rules follow   ARGV[9] event lines
-- ARGV[10] the end of the bucket's key when a single job may be known already, else ''
-- ARGV[11] the end of the key that remembers an idempotency key, or ''   ARGV[12] what it is to hold,
-- "<fingerprint> <id>"   ARGV[13] how long, in seconds
-- ARGV[14] '', or what must hold: turn (ARGV[15] a sorted set, ARGV[16] whose member ARGV[17] still has this
-- score, and ARGV[18] its next one or '') or frame (ARGV[15] the end of a list's key, ARGV[16] what it holds)
-- ARGV[19..] ids in the order high, normal, low, shared, later; id and envelope of each; the group of each
-- shared one; due_ms and id of each later one; nine a rule: the job's place among the ids, overflow, lock or
-- '', until, lifetime_ms, conflict, maximum_wait_ms, 1 when its end is to be told, parent or ''
-- returns the number of jobs taken in; 0 when the job was known; the text of the idempotency key when it was
-- there; or a word (stale, held, existing, dropped, full), what stands in the way, and the job's place
local counts = { tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]) }
local shared_jobs, later_jobs, rule_count = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local listed = counts[1] + counts[2] + counts[3]
local total = listed + shared_jobs + later_jobs
local ids_at, pairs_at = 19, 19 + total
local groups_at = pairs_at + 2 * total
local due_at = groups_at + shared_jobs
local rules_at = due_at + 2 * later_jobs

-- The turn has been had, or the frame been taken, once the jobs are in.
local function advance()
  if ARGV[14] == 'frame' then
    redis.call('LREM', base .. ARGV[15], 1, ARGV[16])
  elseif ARGV[14] == 'turn' and ARGV[18] == '' then
    redis.call('ZREM', ARGV[15], ARGV[16])
  elseif ARGV[14] == 'turn' then
    redis.call('ZADD', ARGV[15], ARGV[18], ARGV[16])
  end
end

if ARGV[14] == 'turn' then
  local score = redis.call('ZSCORE', ARGV[15], ARGV[16])
  if tonumber(score or '-1') ~= tonumber(ARGV[17]) then return { 'stale', '', 0 } end
elseif ARGV[14] == 'frame' and not redis.call('LPOS', base .. ARGV[15], ARGV[16]) then
  return { 'stale', '', 0 }
end
if ARGV[11] ~= '' then
  local known = redis.call('GET', base .. ARGV[11])
  if known then return known end
end
if ARGV[10] ~= '' then
  local id = ARGV[ids_at]
  if redis.call('HEXISTS', jobs, id) == 1 or redis.call('HEXISTS', base .. ARGV[10], id) == 1 then
    advance()
    return 0
  end
end

-- Every look before the first write: whatever keeps one job out keeps all of them out.
local rules, ruled, refusal = {}, {}, queue_full(total)
local locked, coming = {}, {}
for i = 1, rule_count do
  local from = rules_at + 9 * (i - 1)
  local rule = {
    index = tonumber(ARGV[from]), overflow = ARGV[from + 1], lock = ARGV[from + 2], till = ARGV[from + 3],
    lifetime_ms = tonumber(ARGV[from + 4]), conflict = ARGV[from + 5], wait_ms = tonumber(ARGV[from + 6]),
    asks = ARGV[from + 7] == '1', parent = ARGV[from + 8],
  }
  rules[i], ruled[rule.index] = rule, rule
  refusal = refusal or conflict_of(rule, total == 1)
  if rule.lock ~= '' then
    local other = locked[rule.lock]
    refusal = refusal or other and { 'held', other, rule.index }
    locked[rule.lock] = ARGV[ids_at + rule.index - 1]
  end
end
for i = 1, shared_jobs do
  local rule = ruled[listed + i] or { overflow = 'queue', index = listed + i }
  ruled[listed + i] = rule
  local name = ARGV[groups_at + i - 1]
  refusal = refusal or overflow_of(rule, name, coming[name] or 0, total == 1)
  coming[name] = (coming[name] or 0) + 1
end

if refusal then
  -- A firing that is left out has had its turn; a frame is for its taker to put away.
  if ARGV[14] == 'turn' then advance() end
  return refusal
end

if total == 1 and rules[1] and rules[1].moves then
  reschedule(rules[1].moves, later_jobs == 1 and ARGV[due_at] or string.format('%d', now))
  advance()
  return { 'existing', rules[1].moves, 1 }
end

for i = 1, rule_count do
  local rule = rules[i]
  if rule.replaces then
    strike(rule.replaces, redis.call('HGET', jobs, rule.replaces), conflict_reason, ARGV[2])
    if later_jobs == 1 and rule.wait_ms > 0 then
      ARGV[due_at] = string.format('%d', math.min(tonumber(ARGV[due_at]), rule.since + rule.wait_ms))
    end
  end
end
for i = 1, shared_jobs do
  if ruled[listed + i].ends then supersede(ruled[listed + i], ARGV[groups_at + i - 1], ARGV[2]) end
end

advance()
if ARGV[11] ~= '' then redis.call('SET', base .. ARGV[11], ARGV[12], 'EX', ARGV[13]) end
redis.call('HSET', jobs, unpack(ARGV, pairs_at, pairs_at + 2 * total - 1))

local from, was_empty = ids_at, false
for level = 1, 3 do
  local count = counts[level]
  if count > 0 then
    local length = redis.call('LPUSH', ready[level], unpack(ARGV, from, from + count - 1))
    if length == count then was_empty = true end
    from = from + count
  end
end
for i = 0, shared_jobs - 1 do join(base, ARGV[groups_at + i], ARGV[from + i]) end
-- Only a list that was empty can have a worker sitting idle before it.
if was_empty or shared_jobs > 0 then call_out(wake) end

if later_jobs > 0 then
  local first = redis.call('ZRANGE', later, 0, 0)[1]
  redis.call('ZADD', later, unpack(ARGV, due_at, due_at + 2 * later_jobs - 1))
  -- Whoever sleeps until the earliest due job must hear that there is an earlier one.
  if redis.call('ZRANGE', later, 0, 0)[1] ~= first then call_out(alarm) end
end

for i = 1, rule_count do
  local rule = rules[i]
  local id = ARGV[ids_at + rule.index - 1]
  if rule.lock ~= '' then
    local lock = { unique .. rule.lock, id .. ' ' .. string.format('%d', rule.since or now) }
    if rule.lifetime_ms > 0 then lock[3], lock[4] = 'PX', rule.lifetime_ms end
    redis.call('SET', unpack(lock))
    redis.call('HSET', locks, id, rule.till .. ' ' .. rule.lock)
  end
  if rule.asks then redis.call('SADD', askers, id) end
  if rule.parent ~= '' then
    redis.call('SADD', children .. rule.parent, base .. id)
    redis.call('EXPIRE', children .. rule.parent, 604800)
  end
end

redis.call('HINCRBY', stats, 'enqueued', total)
lines[#lines + 1] = ARGV[9]
publish(ARGV[1], #lines + total)
return total

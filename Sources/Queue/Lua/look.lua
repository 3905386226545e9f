#!lua flags=no-writes
-- Tells where each of up to 200 jobs is and what is known of it.
-- KEYS[1] jobs   KEYS[2] leases   KEYS[3] later   KEYS[4] parked   KEYS[5] dead   KEYS[6] graves   KEYS[7]
-- tries
-- KEYS[8] crashes   KEYS[9] errors   KEYS[10] progress   KEYS[11] holders
-- KEYS[12..] ended:<bucket> of each id, in their order
-- ARGV[1..] ids
-- returns for each id: state or '', envelope, due_ms or '', errors, crashes, progress, holder, record
local found = {}
for i, id in ipairs(ARGV) do
  local envelope = redis.call('HGET', KEYS[1], id)
  if envelope then
    local number = redis.call('HGET', KEYS[7], id)
    local delivery = number and number ~= '1' and number .. '|' .. id or id
    local due = redis.call('ZSCORE', KEYS[3], delivery)
    local state = due and 'scheduled'
      or redis.call('ZSCORE', KEYS[2], delivery) and 'running'
      or redis.call('ZSCORE', KEYS[5], id) and 'dead'
      or redis.call('HEXISTS', KEYS[4], delivery) == 1 and 'parked'
      or 'waiting'
    found[i] = {
      state, envelope, due or '', redis.call('HGET', KEYS[9], id) or '',
      redis.call('HGET', KEYS[8], id) or '0',
      redis.call('HGET', KEYS[10], id) or '', redis.call('HGET', KEYS[11], id) or '',
      state == 'dead' and redis.call('HGET', KEYS[6], id) or '',
    }
  else
    local record = redis.call('HGET', KEYS[11 + i], id)
    found[i] = { record and 'ended' or '', '', '', '', '0', '', '', record or '' }
  end
end
return found

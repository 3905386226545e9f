#!lua flags=no-writes
-- Tells where each of up to 200 jobs is and what is known of it.
-- ARGV[1..] two a job: id, the end of its bucket's key
-- returns for each id: state or '', envelope, due_ms or '', errors, crashes, progress, holder, record,
-- history
local found = {}
for i = 1, #ARGV, 2 do
  local id = ARGV[i]
  local envelope = redis.call('HGET', jobs, id)
  if envelope then
    local number = redis.call('HGET', tries, id)
    local delivery = number and number ~= '1' and number .. '|' .. id or id
    local due = redis.call('ZSCORE', later, delivery)
    local state = due and 'scheduled'
      or redis.call('ZSCORE', leases, delivery) and 'running'
      or redis.call('ZSCORE', dead, id) and 'dead'
      or redis.call('HEXISTS', parked, delivery) == 1 and 'parked'
      or 'waiting'
    found[#found + 1] = {
      state, envelope, due or '', redis.call('HGET', errors, id) or '',
      redis.call('HGET', crashes, id) or '0',
      redis.call('HGET', progress, id) or '', redis.call('HGET', holders, id) or '',
      state == 'dead' and redis.call('HGET', graves, id) or '', redis.call('HGET', history, id) or '',
    }
  else
    local record = redis.call('HGET', base .. ARGV[i + 1], id)
    found[#found + 1] = { record and 'ended' or '', '', '', '', '0', '', '', record or '', '' }
  end
end
return found

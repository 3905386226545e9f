#!lua flags=allow-oom
-- Ends a job that is not running as cancelled, or asks the worker that runs it to stop.
-- ARGV[1] id   ARGV[2] reason (a JSON string)   ARGV[3] retention_s   ARGV[4] events_s
-- returns missing, dead, running or cancelled
local id = ARGV[1]
local envelope = redis.call('HGET', jobs, id)
if not envelope then return 'missing' end
if redis.call('ZSCORE', dead, id) then return 'dead' end
local number = redis.call('HGET', tries, id)
local delivery = number and number ~= '1' and number .. '|' .. id or id
if redis.call('ZSCORE', leases, delivery) then
  if redis.call('HSETNX', cancels, id, ARGV[2]) == 1 then
    note(id, '{"t":' .. now .. ',"e":"cancel","k":null,"d":' .. ARGV[2] .. '}')
  end
  redis.call('PUBLISH', control, delivery .. '\n' .. ARGV[2])
  return 'running'
end
strike(id, envelope, ARGV[2], ARGV[3])
publish(ARGV[4])
return 'cancelled'

#!lua flags=allow-oom
-- Keeps what a running attempt says of itself, and tells it on; refused when the attempt lost its lease.
-- KEYS[1] leases   KEYS[2] progress   KEYS[3] seq   KEYS[4] events   KEYS[5] stats
-- ARGV[1] delivery   ARGV[2] id   ARGV[3] progress (JSON)   ARGV[4] event line   ARGV[5] events_s
-- returns 1, or 0 when refused
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  redis.call('HINCRBY', KEYS[5], 'refused', 1)
  return 0
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
local seq = redis.call('INCR', KEYS[3])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, seq .. '-0', 't', ARGV[4])
redis.call('EXPIRE', KEYS[4], ARGV[5])
redis.call('PUBLISH', KEYS[4], seq .. '\n' .. ARGV[4])
return 1

#!lua flags=allow-oom
-- Keeps what a running attempt says of itself, and tells it on; refused when the attempt lost its lease.
-- ARGV[1] delivery   ARGV[2] id   ARGV[3] progress (JSON)   ARGV[4] event line   ARGV[5] events_s
-- returns 1, or 0 when refused
if not redis.call('ZSCORE', leases, ARGV[1]) then
  redis.call('HINCRBY', stats, 'refused', 1)
  return 0
end
redis.call('HSET', progress, ARGV[2], ARGV[3])
lines[1] = ARGV[4]
publish(ARGV[5])
return 1

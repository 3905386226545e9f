#!lua flags=allow-oom
-- Tells on what a running attempt says, and keeps nothing of it; refused when the attempt lost its lease.
-- ARGV[1] delivery   ARGV[2] event line   ARGV[3] events_s
-- returns 1, or 0 when refused
if not redis.call('ZSCORE', leases, ARGV[1]) then
  redis.call('HINCRBY', stats, 'refused', 1)
  return 0
end
lines[1] = ARGV[2]
publish(ARGV[3])
return 1

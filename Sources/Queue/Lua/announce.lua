#!lua
-- Tells changes of rows that were not told before, under one number.
-- ARGV[1] events_s   ARGV[2] memory_ms   ARGV[3] how many told ones are remembered at most
-- ARGV[4..] id and event line of each change, in order
-- returns how many were new
for i = 4, #ARGV, 2 do
  if redis.call('ZADD', announced, 'NX', now, ARGV[i]) == 1 then lines[#lines + 1] = ARGV[i + 1] end
end
if #lines == 0 then return 0 end
redis.call('ZREMRANGEBYSCORE', announced, '-inf', now - tonumber(ARGV[2]))
redis.call('ZREMRANGEBYRANK', announced, 0, -tonumber(ARGV[3]) - 1)
redis.call('PEXPIRE', announced, ARGV[2])
publish(ARGV[1])
return #lines

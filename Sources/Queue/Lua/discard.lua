#!lua flags=allow-oom
-- Lets go of up to 1,000 dead jobs for good: envelope, grave, every mark, and what they held.
-- ARGV[1] events_s   ARGV[2..] ids
-- returns how many were let go; those that are not dead are left alone
local gone = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  if redis.call('ZREM', dead, id) == 1 then
    gone[#gone + 1] = id
    tell('discarded', id, redis.call('HGET', jobs, id) or '')
    finish(base, id, 'deleted')
  end
end
if #gone == 0 then return 0 end
redis.call('HDEL', jobs, unpack(gone))
redis.call('HDEL', graves, unpack(gone))
for mark = 1, #marks do redis.call('HDEL', marks[mark], unpack(gone)) end
redis.call('HINCRBY', stats, 'discarded', #gone)
publish(ARGV[1])
return #gone

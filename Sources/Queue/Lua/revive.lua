#!lua
-- Puts up to 1,000 dead jobs back where they wait, with all their attempts before them.
-- ARGV[1] events_s   ARGV[2..] ids
-- returns how many were put back; those that are not dead are left alone
for i = 2, #ARGV do
  local id = ARGV[i]
  local envelope = redis.call('HGET', jobs, id)
  if envelope and redis.call('ZREM', dead, id) == 1 then
    local next = tonumber(redis.call('HGET', tries, id) or '1') + 1
    redis.call('HDEL', graves, id)
    redis.call('HSET', tries, id, next)
    note(id, '{"t":' .. now .. ',"e":"revived","k":null,"d":null}')
    place(base, next .. '|' .. id, envelope)
    -- Whoever asked to hear of its end hears of the next one too. The address stands before the arguments.
    local from = string.find(envelope, ',"a":', 1, true) or string.find(envelope, ',"z":', 1, true) or 0
    if string.find(string.sub(envelope, 1, from), ',"k":"', 1, true) then redis.call('SADD', askers, id) end
    tell('waiting', id, envelope)
  end
end
if #lines == 0 then return 0 end
call_out(wake)
redis.call('HINCRBY', stats, 'revived', #lines)
publish(ARGV[1])
return #lines

#!lua flags=no-writes
-- Reads dead letters: when each died, its envelope without the arguments, and its grave.
-- ARGV[1..] ids
-- returns for each id: died_ms or '' when it is not dead, the head of the envelope, the grave
local found = {}
for i, id in ipairs(ARGV) do
  local died = redis.call('ZSCORE', dead, id)
  local envelope = died and redis.call('HGET', jobs, id) or ''
  -- In a string of JSON a quote stands behind a backslash, so this can only be where the arguments begin.
  local from = string.find(envelope, ',"a":', 1, true) or string.find(envelope, ',"z":', 1, true)
  found[i] = {
    died or '', from and string.sub(envelope, 1, from - 1) .. '}' or envelope,
    died and redis.call('HGET', graves, id) or '',
  }
end
return found

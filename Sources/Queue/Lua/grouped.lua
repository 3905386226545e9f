#!lua flags=no-writes
-- A page of what waits in groups, group by group in the order of their names, those claimed first at first.
-- ARGV[1] how many come before the page   ARGV[2] how many it may have
-- returns deliveries
local skip, room, page = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
local names = redis.call('SMEMBERS', groups)
table.sort(names)
for i = 1, #names do
  local list = base .. at.group .. names[i]
  local length = redis.call('LLEN', list)
  if skip >= length then
    skip = skip - length
  elseif room > 0 then
    local part = redis.call('LRANGE', list, math.max(0, length - skip - room), length - skip - 1)
    for j = #part, 1, -1 do page[#page + 1] = part[j] end
    room, skip = room - #part, 0
  end
end
return page

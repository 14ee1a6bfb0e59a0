-- Looks through a part of the stream, and removes the events that have only this topic. Returns the id after which the
-- next part begins, or nothing at the end.
local events, ids, state = KEYS[1], KEYS[2], KEYS[3]
local topic, after, upTo, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local OVERHEAD = 100

local entries = redis.call('XRANGE', events, '(' .. after, upTo, 'COUNT', most)
local bytes = 0
for _, entry in ipairs(entries) do
  local fields = {}
  for f = 1, #entry[2], 2 do
    fields[entry[2][f]] = entry[2][f + 1]
  end
  if fields.t == topic and not fields.op then
    redis.call('XDEL', events, entry[1])
    bytes = bytes + OVERHEAD + #fields.t + #(fields.i or '') + #(fields.f or '')
    if fields.i then
      redis.call('HDEL', ids, topic .. '\n' .. fields.i)
    end
  end
end
if bytes > 0 then
  redis.call('HINCRBY', state, 'bytes', -bytes)
end
return #entries == most and entries[most][1] or false

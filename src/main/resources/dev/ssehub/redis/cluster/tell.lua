-- Puts a message into inboxes. An inbox expires, and loses its oldest messages when it is too large.
-- KEYS: the inboxes. ARGV: the message, the most messages of an inbox, their most bytes, the milliseconds until it expires.
for i = 1, #KEYS do
  redis.call('RPUSH', KEYS[i], ARGV[1])
  local messages = redis.call('LRANGE', KEYS[i], -ARGV[2], -1)
  local first, bytes = #messages, #ARGV[1]
  while first > 1 and bytes + #messages[first - 1] <= tonumber(ARGV[3]) do
    first = first - 1
    bytes = bytes + #messages[first]
  end
  redis.call('LTRIM', KEYS[i], first - #messages - 1, -1)
  redis.call('PEXPIRE', KEYS[i], ARGV[4])
end
return 1

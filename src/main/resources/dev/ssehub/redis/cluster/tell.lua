-- Puts a message into inboxes, which are limited and expire.
-- KEYS: the inboxes. ARGV: the message, the most messages of an inbox, the milliseconds until it expires.
for i = 1, #KEYS do
  redis.call('RPUSH', KEYS[i], ARGV[1])
  redis.call('LTRIM', KEYS[i], -ARGV[2], -1)
  redis.call('PEXPIRE', KEYS[i], ARGV[3])
end
return 1

-- Enters a node, and removes those that are dead. Returns 1, or 0 if another node still has to tell the end of this
-- one.
-- KEYS: the nodes, those that are gone. ARGV: this node, the milliseconds after which a node is dead.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then
  return 0
end
local newest = tonumber(redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2] or now)
if newest < now - ARGV[2] / 3 then
  for _, node in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    redis.call('ZADD', KEYS[1], now, node)
  end
end
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')) do
  redis.call('ZADD', KEYS[1], now, node)
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])) do
  redis.call('ZREM', KEYS[1], node)
  redis.call('SADD', KEYS[2], node)
end
return 1

-- Removes a node that stops.
-- KEYS: the nodes, those that are gone. ARGV: this node.
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  redis.call('SADD', KEYS[2], ARGV[1])
end
return 1

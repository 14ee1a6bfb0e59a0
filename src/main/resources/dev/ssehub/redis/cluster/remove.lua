-- Removes the told entries of a gone node, and the node itself if no entry is left. Renews the claim, or gives it up.
-- KEYS: the claim, what the gone node has shown, the nodes that are gone, the marks. ARGV: this node, the gone one, the
-- milliseconds until the claim expires, what was told. Returns 1, or 0 if there is nothing more to do, or another node
-- has claimed the gone one.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for i = 4, #ARGV do
  redis.call('ZREM', KEYS[2], ARGV[i])
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1
end
redis.call('SREM', KEYS[3], ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
redis.call('DEL', KEYS[1])
return 0

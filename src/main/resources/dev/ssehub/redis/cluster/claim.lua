-- Claims a node that is gone. Returns 1, or 0 if another node has claimed it or has told all.
-- KEYS: the nodes that are gone, the claim. ARGV: this node, the gone one, the milliseconds until the claim expires.
if redis.call('SISMEMBER', KEYS[1], ARGV[2]) == 1 and redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[3]) then
  return 1
end
return 0

-- Tells which nodes there are.
-- KEYS: the nodes, their marks, the epoch. Returns the epoch, its age in milliseconds, and pairs of a node and its mark.
local epoch = redis.call('GET', KEYS[3])
local time = redis.call('TIME')
local age = epoch and math.floor(time[1] * 1000 + time[2] / 1000 - epoch) or 0
local answer = {epoch or '', age}
for _, node in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  table.insert(answer, node)
  table.insert(answer, redis.call('HGET', KEYS[2], node) or '')
end
return answer

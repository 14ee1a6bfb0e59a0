-- Writes what a node shows.
-- KEYS: the nodes, their marks, the epoch, what this node shows. ARGV: this node, the mark that there must be (0 to begin anew), the
-- number of this write, what follows it in the mark, and pairs of an id and the text, which is empty if the id is not shown any more.
-- Returns the epoch and the mark before, or nothing if it did nothing.
local mark = redis.call('HGET', KEYS[2], ARGV[1]) or ''
local before = tonumber(string.match(mark, '^%d+') or 0)
local anew = ARGV[2] == '0'
if not redis.call('ZSCORE', KEYS[1], ARGV[1])
    or not anew and before ~= tonumber(ARGV[2])
    or anew and before >= tonumber(ARGV[3]) then
  return {}
end
if anew then
  redis.call('DEL', KEYS[4])
end
for i = 5, #ARGV, 2 do
  redis.call('ZREMRANGEBYLEX', KEYS[4], '[' .. ARGV[i] .. ' ', '(' .. ARGV[i] .. '!')
  if ARGV[i + 1] ~= '' then
    redis.call('ZADD', KEYS[4], 0, ARGV[i] .. ' ' .. ARGV[i + 1])
  end
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] .. ARGV[4])
local time = redis.call('TIME')
redis.call('SETNX', KEYS[3], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
return {redis.call('GET', KEYS[3]), mark}

-- Counts events of a publisher, unless they come too soon.
-- KEYS[1]: the time up to which the publisher has used its time, in microseconds since 1970.
-- ARGV: the events per second, for how many seconds a publisher may use its time in advance, and the number of events.
-- Returns 0, or the microseconds until the events may come.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local needed = 1000000 / ARGV[1] * ARGV[3]
local burst = 1000000 * ARGV[2]
local used = tonumber(redis.call('GET', KEYS[1]) or now)
used = math.max(now, math.min(used, now + burst)) + needed -- the clock may have been set back
if used - now > burst then
    return math.ceil(used - now - burst)
end
redis.call('SET', KEYS[1], string.format('%.2f', used), 'PX', math.ceil((used - now) / 1000))
return 0

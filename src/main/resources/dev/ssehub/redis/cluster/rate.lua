-- Counts a request of a publisher, unless it comes too soon.
-- KEYS[1]: the time up to which the publisher has used its time, in microseconds since 1970.
-- ARGV: the requests per second, and for how many seconds a publisher may use its time in advance.
-- Returns 0, or the microseconds until the next request may come.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = 1000000 / ARGV[1]
local burst = 1000000 * ARGV[2]
local used = tonumber(redis.call('GET', KEYS[1]) or now)
used = math.max(now, math.min(used, now + burst)) + interval -- the clock may have been set back
if used - now > burst then
    return math.ceil(used - now - burst)
end
redis.call('SET', KEYS[1], string.format('%.2f', used), 'PX', math.ceil((used - now) / 1000))
return 0

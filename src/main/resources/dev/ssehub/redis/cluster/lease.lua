-- Renews leases, takes them, and gives them up.
-- KEYS[1]: a hash with a record for each task: the run of Redis in which it was written, and then "free", or the node that has
-- renewed the lease, or "new", and a number.
-- ARGV: the node, the number for its records, and for each task its name and a wish: "leave", or what the node has seen for long
-- enough to take the lease.
-- Returns what the node sees of each task: the run and the record, or an empty text if the node has the lease.

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local free = run .. ' free'
local mine = run .. ' ' .. ARGV[1] .. ' '
local answer = {}
for i = 3, #ARGV, 2 do
    local task, wish = ARGV[i], ARGV[i + 1]
    local before = redis.call('HGET', KEYS[1], task)
    local record = before or run .. ' new ' .. ARGV[1] .. ' ' .. ARGV[2]
    local isMine = string.sub(record, 1, #mine) == mine
    local seen = run .. ' ' .. record
    if wish == 'leave' then
        record = isMine and free or record
    elseif isMine or record == free or wish == seen then
        record = mine .. ARGV[2]
        seen = ''
    end
    if record ~= before then
        redis.call('HSET', KEYS[1], task, record)
    end
    answer[#answer + 1] = seen
end
return answer

-- Adds what a node publishes to the stream of all nodes, and tells the node where the stream stands. All in one step.
--
-- A place is an id as one number: milliseconds * 1024 + sequence / 1024. Sequences are multiples of 1024, so that each
-- node has room for events of its own between two places. The fields of the state:
--   run       the replication id of the Redis that wrote the state; another id means that Redis was restarted, or that a
--             replica took over
--   last      the last place that was given
--   begin     the place before the first entry that there has ever been
--   trimmed   the newest place that was removed because of a bound
--   count     how many entries there were; each entry has its number, without gaps
--   bytes     the approximate size of the entries that are left
--   checked   when this script last looked for entries to remove, in milliseconds
--   branches  the latest jumps of the places, each as "before,after,told": Redis may have lost the entries between these
--             two places; told is 1 after all nodes were told about a loss
local events, ids, state, writer = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local known, node = tonumber(ARGV[1]), ARGV[2]
local maxEvents, maxAge, maxBytes = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local FIRST, PARTS = 6, 7
local MARGIN = 1000     -- the clocks of two Redis servers may differ by this, in milliseconds
local OVERHEAD = 100    -- the approximate size of an entry without its texts
local MAX_BRANCHES = 16
local REMEMBERED = 3600000

local function id(place)
  return string.format('%.0f-%.0f', math.floor(place / 1024), place % 1024 * 1024)
end

local function placeOf(id)
  local millis, sequence = string.match(id, '(%d+)-(%d+)')
  return millis * 1024 + math.floor(sequence / 1024)
end

local function text(number)
  return string.format('%.0f', number)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local run = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') or ''
local s = redis.call('HMGET', state, 'run', 'last', 'begin', 'trimmed', 'count', 'bytes', 'checked', 'branches')
local last, begin, trimmed = tonumber(s[2] or 0), tonumber(s[3] or 0), tonumber(s[4] or 0)
local count, bytes, checked, branches = tonumber(s[5] or 0), tonumber(s[6] or 0), tonumber(s[7] or 0), s[8] or ''
local changed = false

local function add(fields)
  last = math.max(last + 1, now * 1024)
  count = count + 1
  local added = redis.pcall('XADD', events, id(last), 'v', '1', 'n', text(count), unpack(fields))
  if type(added) == 'table' and added.err then
    if not string.find(added.err, 'equal or smaller', 1, true) then
      return error(added.err)
    end
    -- another program has added an entry with a greater id
    local info = redis.call('XINFO', 'STREAM', events)
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' then
        last = math.max(last, placeOf(info[i + 1])) + 1
      end
    end
    redis.call('XADD', events, id(last), 'v', '1', 'n', text(count), unpack(fields))
  end
  changed = true
  return last
end

-- This is another Redis, or Redis has lost an entry that this node knows. A place that was given before must not be
-- given again.
if run ~= s[1] or last == 0 or known > last then
  local before = last
  last = math.max(last, known, (now + MARGIN) * 1024) + 1
  if begin == 0 then
    begin = last
  end
  local list = {}
  for branch in string.gmatch(branches, '[^;]+') do
    table.insert(list, branch)
  end
  table.insert(list, text(before) .. ',' .. text(last) .. ',0')
  branches = table.concat(list, ';', math.max(1, #list - MAX_BRANCHES + 1))
  changed = true
end

-- The newest entry is never removed because of a bound, so a stream without entries was deleted, or evicted by a Redis that is full.
local isLost = count > 0 and redis.call('XLEN', events) == 0
if isLost then
  bytes = 0
  redis.call('DEL', ids) -- a publisher that repeats a lost event must not be told that the hub has it
end
-- If this node knows a place between the two places of a branch, it knows an entry that is lost. All nodes are told
-- once.
branches = string.gsub(branches, '(%d+),(%d+),(%d)', function(before, after, told)
  if known > tonumber(before) and known < tonumber(after) and told == '0' then
    isLost = true
    return before .. ',' .. after .. ',1'
  end
end)
if isLost then
  add({'op', 'lost'})
end

local answer = {}
local numberBefore = tonumber(redis.call('GET', writer) or 0)
local number = numberBefore
for i = FIRST, #ARGV, PARTS do
  number = tonumber(ARGV[i])
  local op, topics, own, private, ends, frame = unpack(ARGV, i + 1, i + 6)
  local owner = string.match(topics, '[^\n]*') .. '\n' .. own
  if number <= numberBefore then
    table.insert(answer, 'taken') -- the node repeats what it has sent, because it got no answer
  elseif own ~= '' and redis.call('HEXISTS', ids, owner) == 1 then
    table.insert(answer, 'repeated')
  else
    local fields = {'from', node .. ':' .. ARGV[i]}
    if op ~= '' then
      table.insert(fields, 'op')
      table.insert(fields, op)
    end
    table.insert(fields, 't')
    table.insert(fields, topics)
    if own ~= '' then
      table.insert(fields, 'i')
      table.insert(fields, own)
    end
    if private ~= '' then
      table.insert(fields, 'p')
      table.insert(fields, '1')
    end
    if ends ~= '' then
      table.insert(fields, 'e')
      table.insert(fields, '1')
    end
    table.insert(fields, 'f')
    table.insert(fields, frame)
    local place = add(fields)
    bytes = bytes + OVERHEAD + #topics + #own + #frame
    if own ~= '' then
      redis.call('HSET', ids, owner, text(place))
    end
    table.insert(answer, text(place))
  end
end
-- This is written even without items: it fails while Redis has no memory left. Otherwise, the node would think that it
-- can publish.
redis.call('SET', writer, text(number), 'PX', REMEMBERED)

-- Removes the oldest entries that exceed a bound. One exchange does not remove many more entries than it adds, so that
-- it stays short.
local length = redis.call('XLEN', events)
if length > maxEvents or bytes > maxBytes or now - checked >= 1000 then
  local most = 100 + 2 * (#ARGV - FIRST + 1) / PARTS
  local removed = 0
  checked = now
  changed = true
  local at = '-'
  while removed < most do
    local batch = redis.call('XRANGE', events, at, '+', 'COUNT', 20)
    local kept = #batch < 20
    for _, entry in ipairs(batch) do
      local place = placeOf(entry[1])
      if length <= 1 or not (length > maxEvents or bytes > maxBytes or place < (now - maxAge) * 1024) then
        kept = true
        break
      end
      local topics, own, size = '', '', OVERHEAD
      for f = 1, #entry[2], 2 do
        local name, value = entry[2][f], entry[2][f + 1]
        if name == 't' or name == 'i' or name == 'f' then
          size = size + #value
        end
        if name == 't' then topics = value elseif name == 'i' then own = value end
      end
      if own ~= '' then
        redis.call('HDEL', ids, string.match(topics, '[^\n]*') .. '\n' .. own)
      end
      bytes = math.max(0, bytes - size)
      length = length - 1
      removed = removed + 1
      trimmed = place
      at = '(' .. entry[1]
    end
    if kept then
      break
    end
  end
  if removed > 0 then
    redis.call('XTRIM', events, 'MINID', id(trimmed + 1))
  end
end

if changed then
  redis.call('HSET', state, 'run', run, 'last', text(last), 'begin', text(begin), 'trimmed', text(trimmed),
    'count', text(count), 'bytes', text(bytes), 'checked', text(checked), 'branches', branches, 'form', '1')
end
table.insert(answer, 1, text(begin))
table.insert(answer, 2, text(trimmed))
table.insert(answer, 3, text(count))
table.insert(answer, 4, text(now))
return answer

-- `check`, and the frame around every step.

local QUIET = { meta = true, quota = true, drains = true, refused = true, lengths = true, events = true, clock = true,
  vt = true, left = true }

local function check_record(kind, record, found)
  local name = kind .. ':' .. record.id
  for index, value in pairs(meta[record].at) do
    local member = member_of(index, index:sub(1, 4), kind, record.id)
    local have = value == MEMBER and R('SISMEMBER', P .. index, member) == 1 and MEMBER
      or value ~= MEMBER and tonumber(R('ZSCORE', P .. index, member) or nil)
    if have ~= value then found[#found + 1] = name .. ' is not in ' .. index .. ' as it should be' end
  end
  if kind == 'w' then
    local r = record.rid and reservation(record.rid)
    if record.lost_ms and record.rid then found[#found + 1] = name .. ' is lost and still holds ' .. record.rid end
    if not SEAT[record.phase] then found[#found + 1] = name .. ' has the unknown phase ' .. record.phase end
    if record.phase == 'reserved' and not (r and meta[r].at.due) then found[#found + 1] = name .. ' has no due time' end
    if record.rid and not (r and r.worker == record.id and (UNITS[r.state] or r.lapse_ms)) then
      found[#found + 1] = name .. ' holds ' .. record.rid .. ', which does not hold it'
    end
    if record.rid and (record.phase == 'idle' or record.phase == 'starting') then
      found[#found + 1] = name .. ' is ' .. record.phase .. ' with ' .. record.rid
    end
  else
    if not RESERVATION[record.state] or record.state == 'none' then
      found[#found + 1] = name .. ' has the unknown state ' .. record.state
    end
    local w = record.worker and seat(record.worker)
    if (record.state == 'held' or record.state == 'active') and not (w and w.rid == record.id) then
      found[#found + 1] = name .. ' is ' .. record.state .. ' without its seat'
    end
  end
end

local function check_entry(name, member, score, found)
  local kind, id = 'w', member
  if name == 'due' or name:sub(1, 4) == 'use:' then kind, id = member:match('^(%a):(.*)$') end
  if name:sub(1, 2) == 'q:' or name:sub(1, 3) == 'rs:' then kind = 'r' end
  if name == 'due' and member == 'q' then return end
  local record = fetch(kind, id)
  if not record or meta[record].at[name] ~= score then
    found[#found + 1] = name .. ' holds ' .. member .. ', which no record implies'
  end
end

local function check_key(name, kind, found)
  if QUIET[kind] then return end
  if kind == 'w' or kind == 'r' then return check_record(kind, fetch(kind, name:sub(3)), found) end
  local priority, client = name:match('^q:(%a+):?(.*)$')
  if name == 'hosts' or priority and priority ~= 'moved' and client == '' then
    local flat = R('ZRANGE', P .. name, 0, -1, 'WITHSCORES')
    for i = 1, #flat, 2 do
      local size = R('ZCARD', P .. (name == 'hosts' and 'idle' or name) .. ':' .. flat[i])
      if size == 0 or name == 'hosts' and size ~= tonumber(flat[i + 1]) then
        found[#found + 1] = name .. ' counts ' .. flat[i] .. ' wrongly'
      end
    end
    return
  end
  if kind == 'idle' and not R('ZSCORE', P .. 'hosts', name:sub(6)) or client and client ~= ''
    and not R('ZSCORE', P .. 'q:' .. priority, client) then found[#found + 1] = name .. ' is not listed' end
  if R('TYPE', P .. name).ok == 'set' then
    for _, member in ipairs(R('SMEMBERS', P .. name)) do check_entry(name, member, MEMBER, found) end
  else
    local flat = R('ZRANGE', P .. name, 0, -1, 'WITHSCORES')
    for i = 1, #flat, 2 do check_entry(name, flat[i], tonumber(flat[i + 1]), found) end
  end
end

-- One slice of all keys, `a.limit` of them at least; the slices of a full turn see every key. Writes nothing.
function steps.check(a)
  local found, cursor, looked = {}, a.cursor, 0
  repeat
    local page = R('SCAN', cursor, 'MATCH', P .. '*', 'COUNT', 200)
    cursor = page[1]
    for _, key in ipairs(page[2]) do
      local name = key:sub(#P + 1)
      check_key(name, name:match('^%a+'), found)
      looked = looked + 1
    end
  until cursor == '0' or looked >= a.limit
  return { result = 'ok', findings = found, cursor = cursor }
end

local function open(keys, limits)
  R = redis.call
  P, LIMITS = keys[1]:sub(1, -5), decoded(limits)
  world, meta, notes, events = { w = {}, r = {} }, {}, {}, {}
  dirty, quotas, illegal, doubled = false, nil, 0, 0
  local time = R('TIME')
  NOW = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  if TEST_CLOCK then NOW = tonumber(R('GET', P .. 'clock') or NOW) end
  local m = R('HMGET', keys[1], 'generation', 'rebuild_until_ms', 'placement', 'inbound_headroom')
  META = { generation = m[1], rebuild_until_ms = m[2] or '0', placement = m[3] or 'pack', inbound_headroom = m[4] or '0' }
  return time
end

local function reply(out)
  local told, happened = {}, {}
  for _, event in ipairs(events) do
    event[2].now_ms = NOW
    happened[#happened + 1] = '["' .. event[1] .. '",' .. cjson.encode(event[2]) .. ']'
  end
  local history = '[' .. table.concat(happened, ',') .. ']'
  -- One entry a step: what happened in one step is read as a whole or not at all.
  if #happened > 0 then R('XADD', P .. 'events', 'MAXLEN', '~', 20000, '*', 'e', history) end
  for _, each in ipairs(notes) do told[#told + 1] = cjson.encode(each) end
  out.now_ms, out.generation = NOW, META.generation
  if illegal > 0 then out.illegal = illegal end
  if doubled > 0 then out.doubled = doubled end
  return '{"out":' .. cjson.encode(out) .. ',"notes":[' .. table.concat(told, ',') .. '],"events":' .. history .. '}'
end

local function step(name)
  return function(keys, args)
    local time = open(keys, args[1])
    if not META.generation then
      -- The store is new or was emptied: nothing is granted until workers and holders have told what they know.
      META.generation = redis.sha1hex(time[1] .. '.' .. time[2] .. P):sub(1, 16)
      META.rebuild_until_ms = fmt(NOW + LIMITS.rebuild)
      R('HSET', keys[1], 'generation', META.generation, 'born_ms', fmt(NOW), 'rebuild_until_ms', META.rebuild_until_ms)
      R('ZADD', P .. 'due', META.rebuild_until_ms, 'q')
      emit('generation', { generation = META.generation })
    end
    -- Who reserves or reads sees the world with all that is due settled and everybody served who could be: no overtaking.
    local exact = name == 'reserve' or name == 'read'
    if name ~= 'settle' then settle(exact and math.huge or LOOKS) end
    serve(exact and math.huge or SERVES)
    local out = steps[name](cjson.decode(args[2]))
    serve(SERVES)
    return reply(out)
  end
end

-- While a library loads, little of Lua is there: no `pairs`.
for name in ('heartbeat leave reserve confirm extend replace release drain undrain quota configure settle read'):gmatch('%S+') do
  redis.register_function('vox1_' .. name, step(name))
end
redis.register_function({ function_name = 'vox1_check', flags = { 'no-writes' }, callback = function(keys, args)
  open(keys, args[1])
  META.generation = META.generation or ''
  return reply(steps.check(cjson.decode(args[2])))
end })
redis.register_function({ function_name = 'vox1_version', flags = { 'no-writes' }, callback = function() return VERSION end })

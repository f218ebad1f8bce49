-- Every change of the registry is one call of one function of this folder, and one call is one atomic step of the store.
--
-- Two kinds of records are the truth: seats `w:{worker}` and reservations `r:{id}`. Everything else that can be counted or
-- searched is an index, and an index is never written by hand: `seat_indexes` and `reservation_indexes` say which entries
-- a record implies, `save` writes the record and the difference. `check` computes the same entries again and compares.
--
-- The files are one text, in the order of their names: records, moves, choice of a seat, queue and time, steps, views,
-- check. The loader puts the tables of states.py before it (SEAT, RESERVATION, OPEN, UNITS, OVER, CARRYING, PRIORITIES)
-- and TEST_CLOCK, which lets tests set the time.

local KEEP_MS = 600000    -- a reservation that is over, or a lost seat, is remembered for ten minutes
local TOLERANCE_MS = 1000 -- how long after its deadline a worker still takes a fence
local WORD_MS = 9000      -- a confirmed start must be told by the worker itself within this time
local ASIDE_MS = 10000    -- a seat that callers could not reach is not offered again for this time
local LOOKS = 64          -- seats looked at for one `need`; records settled in one step
local SERVES = 8          -- queue grants of one step
local TICK = 720720       -- virtual time of one grant at weight 1; divides by most weights without a rest
local WINDOW_MS, SAMPLES = 300000, 20
local MEMBER = true       -- an index entry without a score

local R                              -- redis.call, which a library may not touch while it loads
local P, NOW, LIMITS, META           -- this step: key prefix, time, limits of the caller, the pool's meta record
local world, meta, notes, events     -- records by kind and id; their stored form; what workers and readers must be told
local dirty, quotas, illegal, doubled, settled

local function fmt(number) return string.format('%.0f', number) end

local memo, memos = {}, 0
local function decoded(text)
  local value = memo[text]
  if value == nil then
    if memos > 500 then memo, memos = {}, 0 end
    value = cjson.decode(text)
    memo[text], memos = value, memos + 1
  end
  return value
end

-- The documents of a hash, by name. They are shared with other steps: whoever changes one decodes it anew.
local function docs(key)
  local flat, found = R('HGETALL', P .. key), {}
  for i = 1, #flat, 2 do found[flat[i]] = decoded(flat[i + 1]) end
  return found
end

local function given(value) if value ~= cjson.null then return value end end

local NUMBERS = {}
for name in ('seq epoch seen_ms since_ms call_ms lost_ms aside_until_ms outbox_pending hold_ms born_ms granted_ms ' ..
  'deadline_ms queue_deadline_ms word_ms lapse_ms over_ms order'):gmatch('%S+') do NUMBERS[name] = true end

local function state_of(w)
  return w.lost_ms and 'lost' or (w.drained_by or w.self_draining) and 'draining' or w.phase
end

local function grantable(w)
  return w.phase == 'idle' and not (w.lost_ms or w.drained_by or w.self_draining or w.aside_until_ms)
end

local function alive(w) return NOW - w.seen_ms < LIMITS.ttl end

local function seat_indexes(w)
  local at = { seats = 0, ['host:' .. w.host] = MEMBER, ['st:' .. state_of(w)] = MEMBER }
  if w.lost_ms then
    at.due = w.lost_ms + KEEP_MS
    return at
  end
  at.seen = w.seen_ms
  if w.aside_until_ms and w.aside_until_ms > 0 then at.due = w.aside_until_ms end
  if grantable(w) then at.free, at['idle:' .. w.host] = MEMBER, w.since_ms end
  if CARRYING[w.phase] and not w.rid then
    at['use:c:' .. w.client] = MEMBER
    if w.campaign then at['use:k:' .. w.client .. '/' .. w.campaign] = MEMBER end
  end
  if not w.drained_by then return at end
  for selector, since in w.drained_by:gmatch('(%S+)=(%d+)') do
    at['dr:' .. selector] = MEMBER
    if w.self_draining and w.seen_ms >= tonumber(since) and w.outbox_pending == 0 and not w.rid
      and (w.phase == 'idle' or w.phase == 'starting') then at['dd:' .. selector] = MEMBER end
  end
  return at
end

local function reservation_indexes(r)
  if OVER[r.state] then return { due = r.lapse_ms or r.over_ms + KEEP_MS } end
  local at = { ['rs:' .. r.state] = MEMBER }
  if r.state == 'waiting' then
    at.due = r.queue_deadline_ms
    at[r.moved and 'q:moved' or 'q:' .. r.priority .. ':' .. r.client] = r.order
    return at
  end
  if r.state == 'held' then at.due = r.deadline_ms elseif r.state == 'confirmed' then at.due = r.word_ms end
  at['use:c:' .. r.client] = MEMBER
  if r.campaign then at['use:k:' .. r.client .. '/' .. r.campaign] = MEMBER end
  return at
end

local function fetch(kind, id)
  local known = world[kind][id]
  if known ~= nil then return known or nil end
  local flat = R('HGETALL', P .. kind .. ':' .. id)
  if #flat == 0 then
    world[kind][id] = false
    return nil
  end
  local record, was = { id = id }, {}
  for i = 1, #flat, 2 do
    local name, value = flat[i], flat[i + 1]
    if NUMBERS[name] then value = tonumber(value) end
    record[name], was[name] = value, value
  end
  world[kind][id] = record
  meta[record] = { kind = kind, was = was, at = kind == 'w' and seat_indexes(record) or reservation_indexes(record) }
  return record
end

local function create(kind, id, record)
  record.id = id
  world[kind][id], meta[record] = record, { kind = kind, was = {}, at = {} }
  return record
end

-- A client joins a priority's queue where the queue is now, but never before the place its last grant earned it.
local function join(priority, client)
  if R('ZSCORE', P .. 'q:' .. priority, client) then return end
  local times = R('HMGET', P .. 'vt', priority, priority .. ':' .. client)
  R('ZADD', P .. 'q:' .. priority, fmt(math.max(tonumber(times[1] or 0), tonumber(times[2] or 0))), client)
end

-- What an index entry that came or went (`value` nil) means beyond itself.
local function touched(name, head, value)
  if head == 'idle' then
    local host = name:sub(6)
    local free = R('ZCARD', P .. name)
    if free == 0 then R('ZREM', P .. 'hosts', host) else R('ZADD', P .. 'hosts', free, host) end
    dirty = true
  elseif head == 'use:' then
    dirty = true
  elseif head:sub(1, 2) == 'q:' and name ~= 'q:moved' then
    local priority, client = name:match('^q:(%a+):(.*)$')
    if R('ZCARD', P .. name) == 0 then R('ZREM', P .. 'q:' .. priority, client) else join(priority, client) end
  elseif head:sub(1, 3) == 'dd:' and value and R('SCARD', P .. name) == R('SCARD', P .. 'dr:' .. name:sub(4)) then
    events[#events + 1] = { 'drain.done', { selector = name:sub(4) } }
  end
end

-- `due` and `use:…` hold seats and reservations, every other index one kind.
local function member_of(name, head, kind, id)
  return (name == 'due' or head == 'use:') and kind .. ':' .. id or id
end

local function reindex(m, id, at)
  local was = m.at
  for name, value in pairs(was) do
    if at[name] == nil then
      local head = name:sub(1, 4)
      R(value == MEMBER and 'SREM' or 'ZREM', P .. name, member_of(name, head, m.kind, id))
      touched(name, head, nil)
    end
  end
  for name, value in pairs(at) do
    if was[name] ~= value then
      local head = name:sub(1, 4)
      local member = member_of(name, head, m.kind, id)
      if value == MEMBER then R('SADD', P .. name, member) else R('ZADD', P .. name, fmt(value), member) end
      touched(name, head, value)
    end
  end
  m.at = at
end

local function emit(name, data) events[#events + 1] = { name, data } end

local function save(record)
  local m = meta[record]
  local set, gone = {}, {}
  for name, value in pairs(record) do
    if m.was[name] ~= value and name ~= 'id' then
      set[#set + 1], set[#set + 2] = name, type(value) == 'number' and fmt(value) or value
      m.was[name] = value
    end
  end
  for name in pairs(m.was) do
    if record[name] == nil then gone[#gone + 1], m.was[name] = name, nil end
  end
  local key = P .. m.kind .. ':' .. record.id
  if #set > 0 then R('HSET', key, unpack(set)) end
  if #gone > 0 then R('HDEL', key, unpack(gone)) end
  if m.kind == 'r' then return reindex(m, record.id, reservation_indexes(record)) end
  local state = state_of(record)
  if m.state_was ~= state then
    emit('worker.state', { worker_id = record.id, host_id = record.host, from = m.state_was, to = state,
      phase = record.phase, draining = state == 'draining', image_tag = record.image_tag, client = record.client })
    m.state_was = state
  end
  reindex(m, record.id, seat_indexes(record))
end

local function erase(record)
  local m = meta[record]
  R('DEL', P .. m.kind .. ':' .. record.id)
  reindex(m, record.id, {})
  world[m.kind][record.id] = false
end

local function seat(id)
  local w = fetch('w', id)
  if w and not meta[w].state_was then meta[w].state_was = state_of(w) end
  return w
end

local function reservation(id) return fetch('r', id) end

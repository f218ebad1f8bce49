-- The waiting queue, and what time does to records.

local function weight_ticks(client) return math.floor(TICK / quota_of(client).weight) end

local function serve_one()
  if NOW < tonumber(META.rebuild_until_ms) then return false end
  if R('SCARD', P .. 'rs:waiting') == 0 or R('SCARD', P .. 'free') == 0 then return false end
  local blocked, no_fit = {}, {}
  local function try(id)
    local r = reservation(id)
    local scope = r.client .. '/' .. (r.campaign or '') .. (r.priority == 'inbound' and '+' or '-')
    local need = r.need or ''
    if blocked[scope] or no_fit[need] then return false end
    local why = refusal(r.client, r.campaign, r.priority)
    if why then
      blocked[scope] = why.result
      return false
    end
    local w = find(r.need and decoded(r.need))
    if not w then
      no_fit[need] = true
      return false
    end
    local tag = not r.moved and tonumber(R('ZSCORE', P .. 'q:' .. r.priority, r.client))
    grant(r, w, 'serve')
    if tag then
      local vt = math.max(tag, tonumber(R('HGET', P .. 'vt', r.priority) or 0))
      local after = fmt(tag + weight_ticks(r.client))
      R('HSET', P .. 'vt', r.priority, fmt(vt), r.priority .. ':' .. r.client, after)
      R('ZADD', P .. 'q:' .. r.priority, 'XX', after, r.client)
    end
    return true
  end
  for _, id in ipairs(R('ZRANGE', P .. 'q:moved', 0, -1)) do if try(id) then return true end end
  for _, priority in ipairs(PRIORITIES) do
    for _, client in ipairs(R('ZRANGE', P .. 'q:' .. priority, 0, -1)) do
      for _, id in ipairs(R('ZRANGE', P .. 'q:' .. priority .. ':' .. client, 0, -1)) do
        if try(id) then return true end
      end
    end
  end
  return false
end

-- After anything that may let a waiting reservation in. What is over the limit is served by the next step.
local function serve(limit)
  -- While something is still due, a seat that looks free may be gone; nobody is let in on such a count.
  for _ = 1, dirty and settled and limit or 0 do
    if not serve_one() then
      dirty = false
      return
    end
  end
  if dirty then R('ZADD', P .. 'due', fmt(NOW), 'q') end
  dirty = false
end

local function position(r)
  local before = R('ZCARD', P .. 'q:moved')
  if r.moved then return R('ZRANK', P .. 'q:moved', r.id) + 1 end
  before = before + R('ZRANK', P .. 'q:' .. r.priority .. ':' .. r.client, r.id)
  for _, priority in ipairs(PRIORITIES) do
    local clients = R('ZRANGE', P .. 'q:' .. priority, 0, -1, 'WITHSCORES')
    local mine = priority == r.priority and tonumber(R('ZSCORE', P .. 'q:' .. priority, r.client))
      + weight_ticks(r.client) * R('ZRANK', P .. 'q:' .. priority .. ':' .. r.client, r.id)
    for i = 1, #clients, 2 do
      local client, n = clients[i], R('ZCARD', P .. 'q:' .. priority .. ':' .. clients[i])
      if not mine then
        before = before + n
      elseif client ~= r.client and tonumber(clients[i + 1]) <= mine then
        local gap, tick = mine - tonumber(clients[i + 1]), weight_ticks(client)
        -- Grants of the other client whose virtual time is lower, or the same with a name that sorts before.
        local ahead = math.floor(gap / tick) + ((gap % tick ~= 0 or client < r.client) and 1 or 0)
        before = before + math.min(n, ahead)
      end
    end
    if mine then return before + 1 end
  end
end

local function eta_ms(place)
  local low, high = 0, R('LLEN', P .. 'lengths')
  while low < high do -- newest first: how many ended inside the window
    local middle = math.floor((low + high) / 2)
    local ended = tonumber(R('LINDEX', P .. 'lengths', middle):match('^(%d+):'))
    if NOW - ended <= WINDOW_MS then low = middle + 1 else high = middle end
  end
  return low >= SAMPLES and math.floor(place * WINDOW_MS / low) or nil
end

local function view(r)
  local w = r.worker and seat(r.worker)
  local out = { reservation_id = r.id, state = r.state, reason = r.reason, call_id = r.call_id }
  if r.state == 'waiting' then
    out.position, out.waiting, out.queue_deadline_ms = position(r), R('SCARD', P .. 'rs:waiting'), r.queue_deadline_ms
    out.eta_ms = eta_ms(out.position)
  elseif w and OPEN[r.state] then
    out.worker_id, out.host_id, out.lb_url, out.direct_url = w.id, w.host, w.lb_url, w.direct_url
    out.image_tag, out.epoch = w.image_tag, r.epoch
  end
  if r.state == 'held' or r.state == 'confirmed' then out.worker_id, out.deadline_ms = r.worker, r.deadline_ms end
  return out
end

local function lose(w, event, cause)
  part(w, cause)
  call_over(w)
  seat_to(w, event, event == 'lose' and 'lost' or 'none')
  w.aside_until_ms = nil
end

local function fall_due(member)
  if member == 'q' then
    R('ZREM', P .. 'due', 'q')
    dirty = true
    return
  end
  local kind, id = member:match('^(%a):(.*)$')
  if kind == 'w' then
    local w = seat(id)
    if w.lost_ms then
      emit('worker.gone', { worker_id = id, host_id = w.host })
      erase(w)
    else
      w.aside_until_ms = nil
      save(w)
    end
    return
  end
  local r = reservation(id)
  if r.state == 'waiting' then
    reservation_to(r, 'timeout', 'expired', 'queue_timeout')
  elseif r.state == 'held' then
    reservation_to(r, 'deadline', 'expired', 'not_started')
    r.lapse_ms = r.deadline_ms + TOLERANCE_MS
  elseif r.state == 'confirmed' then
    reservation_to(r, 'no_word', 'expired', 'no_start')
    r.lapse_ms = math.max(r.word_ms, r.deadline_ms + TOLERANCE_MS)
  elseif r.lapse_ms then
    free(r, 'lapse')
    r.lapse_ms = nil
  else
    return erase(r)
  end
  if not seat_of(r) then r.worker, r.lapse_ms = nil, nil end
  save(r)
end

local function settle(limit)
  local done, late = 0, 0
  while true do
    local due = R('ZRANGE', P .. 'due', 0, 0, 'WITHSCORES')
    local seen = R('ZRANGE', P .. 'seen', 0, 0, 'WITHSCORES')
    local due_ms = due[2] and tonumber(due[2]) or math.huge
    local lost_ms = seen[2] and tonumber(seen[2]) + LIMITS.ttl or math.huge
    local next_ms = math.min(due_ms, lost_ms)
    settled = next_ms > NOW
    if settled or done == limit then return done, late end
    late = math.max(late, NOW - next_ms)
    if due_ms <= lost_ms then
      fall_due(due[1])
    else
      local w = seat(seen[1])
      lose(w, 'lose', 'worker_lost')
      w.phase, w.lost_ms = 'idle', NOW
      save(w)
    end
    done = done + 1
  end
end

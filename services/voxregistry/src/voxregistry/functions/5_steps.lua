-- The steps. Each looks first and writes afterwards; what it does to indexes follows from the records it saves.

local steps = {}

local function counted(w, beat)
  local id = beat.reservation_id
  local r = id and reservation(id)
  if id and not r then
    r = create('r', id, { state = 'none', client = 'direct', priority = 'outbound', born_ms = NOW, adopted = '1' })
  end
  w.named = id
  if r and r.state == 'active' and r.worker ~= w.id then doubled = doubled + 1 end
  if r and may(RESERVATION, r.state, 'call', 'active') then
    if r.worker ~= w.id then free(r, 'elsewhere') end
    r.worker, r.call_id, r.epoch, r.lapse_ms = w.id, beat.call_id, r.epoch or beat.epoch, nil
    reservation_to(r, 'call', 'active')
    save(r)
    w.rid, w.client, w.campaign = r.id, r.client, r.campaign
  else
    -- A reservation that ended, or lives on another seat, does not carry this call; its client does.
    w.rid, w.client, w.campaign = nil, r and r.client or beat.client or 'direct', r and r.campaign or nil
    if not r then w.campaign = beat.campaign_id end
  end
end

local function adopted(w, beat)
  local id = beat.reservation_id
  local r = id and reservation(id)
  if id and not r then
    r = create('r', id, { state = 'none', client = 'direct', priority = 'outbound', born_ms = NOW, granted_ms = NOW,
      hold_ms = LIMITS.hold, deadline_ms = NOW + LIMITS.hold, adopted = '1', worker = w.id, epoch = beat.epoch })
    reservation_to(r, 'adopt', 'held')
    save(r)
    w.rid, w.client, w.campaign = id, r.client, nil
    return 'reserved'
  end
  if r then note('unreserve', w, r) end
  return 'idle'
end

local function drains_of(w)
  local names = { 'pool', 'worker:' .. w.id, 'host:' .. w.host, 'tag:' .. w.image_tag }
  local found, list = R('HMGET', P .. 'drains', unpack(names)), {}
  for i, name in ipairs(names) do
    local drain = found[i] and decoded(found[i])
    if drain and not drain.deleted then list[#list + 1] = name .. '=' .. fmt(drain.since_ms) end
  end
  w.drained_by = #list > 0 and table.concat(list, ' ') or nil
end

local function beat_answer(w, result)
  local r = w.rid and reservation(w.rid)
  local open = r and w.phase == 'reserved' and UNITS[r.state]
  return { result = result, drain = w.drained_by ~= nil, reservation = open and
    { reservation_id = r.id, worker_id = w.id, epoch = r.epoch, deadline_ms = r.deadline_ms } or nil }
end

function steps.heartbeat(beat)
  local id = beat.worker_id
  local w = seat(id)
  local newborn = not w or w.instance ~= beat.instance_id
  if newborn then
    if w and listed(decoded(w.old_instances or '[]'), beat.instance_id)
      or R('EXISTS', P .. 'left:' .. beat.instance_id) == 1 then return { result = 'superseded' } end
  elseif beat.seq <= w.seq then
    return beat_answer(w, 'ignored')
  end
  local phase = not w and 'none' or w.lost_ms and 'lost' or w.phase
  local event, carrying = beat.phase, CARRYING[phase] and not newborn
  if carrying and CARRYING[event] and w.call_id and beat.call_id and w.call_id ~= beat.call_id then
    event = 'other_' .. event
  end
  if not newborn and not may(SEAT, phase, event) then
    illegal = illegal + 1
    return beat_answer(w, 'illegal')
  end

  if newborn and w then
    lose(w, 'restart', 'worker_restarted')
    local former = decoded(w.old_instances or '[]')
    w.old_instances = cjson.encode({ w.instance, unpack(former, 1, 7) })
  elseif not w then
    w = create('w', id, { phase = 'none', host = beat.host_id, image_tag = beat.image_tag, outbox_pending = 0 })
  end
  local stays = carrying and event == beat.phase and CARRYING[event]
  if carrying and not stays then
    part(w, 'call_over')
    call_over(w)
  end
  if w.lost_ms then w.lost_ms, w.phase = nil, 'none' end
  local protocols = table.concat(beat.protocols or {}, ' ')
  dirty = dirty or w.image_tag ~= beat.image_tag or w.protocols ~= protocols -- it may now fit who waits for such a seat
  w.instance, w.seq, w.seen_ms = beat.instance_id, beat.seq, NOW
  w.host, w.lb_url, w.direct_url, w.image_tag = beat.host_id, beat.lb_url, beat.direct_url, beat.image_tag
  w.version, w.protocols, w.outbox_pending = beat.version, protocols, beat.outbox_pending
  w.self_draining, w.epoch = beat.draining and '1' or nil, beat.epoch
  if w.aside_until_ms == -1 then w.aside_until_ms = nil end
  drains_of(w)

  local to = beat.phase
  local held = not carrying and w.rid and reservation(w.rid)
  if CARRYING[to] then
    if held and beat.reservation_id ~= held.id then part(w, 'seat_taken') end
    if not stays or beat.reservation_id ~= w.named then
      if w.rid and w.rid ~= beat.reservation_id then part(w, 'call_over') end -- the same call, under another name
      counted(w, beat)
    end
    w.call_ms, w.call_id = w.call_ms or NOW, beat.call_id or w.call_id
    w.session_id, w.bot_id = beat.session_id, beat.bot_id
  elseif held then
    local unused = to == 'idle' and (held.state == 'held' and held.adopted
      or held.state == 'confirmed' and beat.epoch > held.epoch)
    if unused then
      unbind(w)
      reservation_to(held, 'over', 'ended', held.state == 'held' and 'not_wanted' or 'call_over')
      save(held)
    end
    if to == 'reserved' and beat.reservation_id and beat.reservation_id ~= held.id then
      note('unreserve', w, { id = beat.reservation_id })
    end
    to = unused and 'idle' or 'reserved'
  elseif to == 'reserved' then
    to = adopted(w, beat)
  end
  seat_to(w, event, to)
  save(w)
  serve(SERVES)
  return beat_answer(w, 'ok')
end

function steps.leave(a)
  local w = seat(a.worker_id)
  if not w then return { result = 'unknown' } end
  if w.instance ~= a.instance_id then return { result = 'superseded' } end
  -- A late heartbeat of this life must not bring the seat back.
  R('SET', P .. 'left:' .. a.instance_id, '1', 'PX', KEEP_MS)
  lose(w, 'leave', 'worker_left')
  emit('worker.gone', { worker_id = w.id, host_id = w.host })
  erase(w)
  return { result = 'ok' }
end

local function refused(why)
  local key = P .. 'refused:' .. fmt(math.floor(NOW / 60000))
  R('HINCRBY', key, why.result, 1)
  R('EXPIRE', key, 120)
  return why
end

function steps.reserve(a)
  if NOW < tonumber(META.rebuild_until_ms) then return { result = 'rebuilding' } end
  local r = reservation(a.reservation_id)
  if r and not r.fp then -- adopted from a worker: its holder has come back
    r.fp, r.client, r.campaign, r.priority, r.hold_ms, r.need = a.fp, a.client, a.campaign, a.priority, a.hold_ms, a.need
    r.adopted = nil
    if r.state == 'held' then r.deadline_ms = math.min(NOW + a.hold_ms, r.deadline_ms) end
    local w = seat_of(r)
    if w then
      w.client, w.campaign = r.client, r.campaign
      save(w)
    end
    save(r)
    dirty = true -- as another client's it may be let in where nobody's was not
    serve(math.huge)
  end
  if r then
    if r.fp ~= a.fp then return { result = 'id_reused' } end
    return { result = OVER[r.state] and 'over' or 'repeat', view = view(r) }
  end
  local need = a.need and decoded(a.need)
  local why = refusal(a.client, a.campaign, a.priority)
  local w = not why and find(need)
  if not w and a.allow_draining and not refusal(a.client, a.campaign, a.priority, true) then w = find_draining(need) end
  r = create('r', a.reservation_id, { state = 'none', fp = a.fp, client = a.client, campaign = a.campaign,
    priority = a.priority, hold_ms = a.hold_ms, need = a.need, born_ms = NOW })
  if w then
    grant(r, w, 'reserve')
    return { result = 'granted', view = view(r) }
  end
  why = why or { result = 'no_idle_seat' }
  if a.wait_ms == 0 then return refused(why) end
  if R('SCARD', P .. 'rs:waiting') >= LIMITS.waiting then return refused({ result = 'queue_full' }) end
  r.queue_deadline_ms, r.order = NOW + a.wait_ms, R('HINCRBY', P .. 'meta', 'arrivals', 1)
  reservation_to(r, 'reserve', 'waiting')
  save(r)
  return { result = 'waiting', view = view(r) }
end

-- `only`: the one client whose reservations the caller may touch.
local function mine(a)
  local r = reservation(a.reservation_id)
  return r and (not a.only or r.client == a.only) and r or nil
end

-- A holder's message about its reservation: the record, or the answer when it allows nothing of the kind.
local function asked(a, event)
  local r = mine(a)
  if not r then return nil, { result = 'unknown' } end
  if not may(RESERVATION, r.state, event) then return nil, { result = 'over', view = view(r) } end
  return r
end

function steps.confirm(a)
  local r, why = asked(a, 'confirm')
  if r and r.state == 'waiting' and not r.moved then why = { result = 'over', view = view(r) } end
  if why then return why end
  if r.state ~= 'active' then
    if r.worker ~= a.worker_id then
      -- The holder knows better than we did: the seat that was taken from it has taken the start.
      free(r, 'elsewhere')
      r.worker = a.worker_id
      local w = seat(a.worker_id)
      if w and w.phase == 'idle' and not w.lost_ms then
        bind(w, r)
        save(w)
      end
      r.epoch = a.epoch
    end
    if r.state ~= 'confirmed' then r.word_ms = NOW + WORD_MS end
    r.call_id = a.call_id or r.call_id
  end
  reservation_to(r, 'confirm', r.state == 'active' and 'active' or 'confirmed')
  save(r)
  return { result = 'ok', view = view(r) }
end

function steps.extend(a)
  local r, why = asked(a, 'extend')
  if not r then return why end
  local w = seat_of(r)
  r.deadline_ms, r.epoch = math.min(NOW + a.hold_ms, r.granted_ms + LIMITS.hold), w.epoch
  reservation_to(r, 'extend', 'held')
  save(r)
  note('reserve', w, r)
  return { result = 'ok', view = view(r) }
end

function steps.replace(a)
  local r = mine(a)
  if r and r.state == 'waiting' then return { result = 'unchanged', view = view(r) } end
  local why
  r, why = asked(a, 'replace')
  if not r then return why end
  -- `taken`: the worker itself refused to hold the seat; a start that was confirmed meanwhile knows better.
  local stands = r.worker == a.worker_id and r.epoch == a.epoch and (a.reason ~= 'taken' or r.state == 'held')
  if not stands then return { result = 'unchanged', view = view(r) } end
  local until_ms = math.max(r.deadline_ms, math.min(NOW + r.hold_ms, r.granted_ms + LIMITS.hold))
  if a.reason == 'taken' then until_ms = r.deadline_ms end
  local w = free(r, 'replace')
  if w then
    w.aside_until_ms = (a.reason == 'unreachable' or a.reason == 'timeout') and NOW + ASIDE_MS or -1
    save(w)
  end
  move(r, 'replace', until_ms, a.reason)
  serve(SERVES)
  return { result = r.state == 'held' and 'granted' or 'waiting', view = view(r) }
end

function steps.release(a)
  local r = mine(a)
  if not r then return { result = 'unknown' } end
  if not may(RESERVATION, r.state, 'release') then return { result = r.state == 'active' and 'active' or 'over', view = view(r) } end
  free(r, 'release')
  reservation_to(r, 'release', 'released', 'released')
  save(r)
  return { result = 'released' }
end

-- Live seats that a selector names. Lost ones are judged when they come back.
local function selected(selector)
  local kind, name = selector:match('^(%a+):(.*)$')
  if kind == 'worker' then return { name } end
  if kind == 'host' then return R('SMEMBERS', P .. 'host:' .. name) end
  return R('ZRANGE', P .. 'seen', 0, -1)
end

local function stored(key, field)
  local text = R('HGET', P .. key, field)
  return text and cjson.decode(text)
end

-- Whether a word that was said at `rev_ms` (nil: now) counts against the document that stands.
local function newer(have, rev_ms) return not (rev_ms and have and have.rev_ms >= rev_ms) end

local function set_drain(a, have, drain, event)
  if newer(have, a.rev_ms) then
    drain.rev_ms = a.rev_ms or NOW
    R('HSET', P .. 'drains', a.selector, cjson.encode(drain))
    emit(event, { selector = a.selector })
    for _, id in ipairs(selected(a.selector)) do
      local w = seat(id)
      if w and not w.lost_ms then
        drains_of(w)
        save(w)
      end
    end
  end
  return { result = 'ok', seats = R('SCARD', P .. 'dr:' .. a.selector) }
end

function steps.drain(a)
  local have = stored('drains', a.selector)
  local since = a.since_ms or have and not have.deleted and have.since_ms or NOW
  return set_drain(a, have, { reason = a.reason, by = a.by, since_ms = since }, 'drain.set')
end

function steps.undrain(a)
  -- The mark that it was lifted stays for a day: a process that was cut off must not bring the drain back.
  for selector, drain in pairs(docs('drains')) do
    if drain.deleted and NOW - drain.rev_ms > 86400000 then R('HDEL', P .. 'drains', selector) end
  end
  return set_drain(a, stored('drains', a.selector), { deleted = true }, 'drain.cleared')
end

function steps.quota(a)
  local have = stored('quota', a.client)
  if not newer(have, a.rev_ms) then return { result = 'ok' } end
  local doc = a.doc or { deleted = true }
  if a.campaign then
    doc = have and not have.deleted and have or cjson.decode(cjson.encode(LIMITS.quota))
    local limit = doc.campaigns[a.campaign] or { min = 0 }
    for name, value in pairs(a.limits or {}) do limit[name] = value end
    doc.campaigns[a.campaign] = a.limits and limit or nil
  end
  doc.rev_ms = a.rev_ms or NOW
  R('HSET', P .. 'quota', a.client, cjson.encode(doc))
  quotas, dirty = nil, true
  emit('quota.set', { client = a.client })
  return { result = 'ok' }
end

function steps.configure(a)
  R('HSET', P .. 'meta', 'placement', a.placement, 'inbound_headroom', a.inbound_headroom)
  META.placement, META.inbound_headroom, dirty = a.placement, a.inbound_headroom, true
  return { result = 'ok' }
end

function steps.settle(a)
  local done, late = settle(a.limit)
  return { result = 'ok', settled = done, late_ms = late }
end

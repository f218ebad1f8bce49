-- Moves: the only places where a phase or a state changes. Both machines are the tables of states.py; a move that stands
-- in neither is an error of this file, never of a caller: callers are asked with `may` first.

local function may(tables, state, event, to)
  local row = tables[state][event]
  return row ~= nil and (to == nil or row[to] == true)
end

local function seat_to(w, event, phase)
  local from = w.lost_ms and 'lost' or w.phase
  if not may(SEAT, from, event, phase) then error('seat ' .. from .. ' ' .. event .. ' ' .. phase) end
  if w.phase ~= phase then w.phase, w.since_ms = phase, NOW end
end

local function about(r, reason)
  local w = r.worker and seat(r.worker)
  return { reservation_id = r.id, client = r.client, campaign = r.campaign, priority = r.priority, reason = reason,
    worker_id = r.worker, host_id = w and w.host, waited_ms = r.state == 'held' and NOW - r.born_ms or nil,
    held_ms = OVER[r.state] and r.granted_ms and NOW - r.granted_ms or nil }
end

local function reservation_to(r, event, state, reason)
  if not may(RESERVATION, r.state, event, state) then error('reservation ' .. r.state .. ' ' .. event .. ' ' .. state) end
  local from = r.state
  r.state, r.reason = state, reason
  r.over_ms = OVER[state] and NOW or nil
  if state ~= 'waiting' then r.queue_deadline_ms, r.order, r.moved = nil, nil, nil end
  if from ~= state then emit('reservation.' .. state, about(r, reason)) end
end

local function note(call, w, r)
  notes[#notes + 1] = { call = call, worker_id = w.id, url = w.direct_url, reservation_id = r.id, epoch = r.epoch,
    deadline_ms = r.deadline_ms }
end

local function bind(w, r)
  seat_to(w, 'grant', 'reserved')
  w.rid, w.client, w.campaign = r.id, r.client, r.campaign
  r.worker, r.epoch, r.lapse_ms = w.id, w.epoch, nil
end

local function unbind(w) w.rid, w.client, w.campaign, w.named = nil, nil, nil, nil end

-- The seat that holds a reservation, whatever the reservation says: a confirmed one may name a seat it does not hold.
local function seat_of(r)
  local w = r.worker and seat(r.worker)
  return w and w.rid == r.id and w or nil
end

local function free(r, event)
  local w = seat_of(r)
  if w then
    seat_to(w, event, 'idle')
    unbind(w)
    save(w)
    note('unreserve', w, r)
  end
  r.worker = nil
  return w
end

-- The seat is gone or taken: the holder keeps its place, before everybody who never had a seat.
local function move(r, event, until_ms, cause)
  r.worker, r.moved, r.order, r.queue_deadline_ms = nil, '1', R('HINCRBY', P .. 'meta', 'arrivals', 1), until_ms
  reservation_to(r, event, 'waiting')
  emit('reservation.moved', about(r, cause))
  save(r)
end

-- What a seat held or carried leaves it, because of `cause`.
local function part(w, cause)
  local r = w.rid and reservation(w.rid)
  unbind(w)
  if not r then return end
  if r.state == 'held' then
    move(r, 'move', r.deadline_ms, cause)
  elseif r.state == 'confirmed' or r.state == 'active' then
    reservation_to(r, 'over', 'ended', cause)
    save(r)
  else
    r.worker, r.lapse_ms = nil, nil -- it had expired, and the seat was only kept for the tolerance
    save(r)
  end
end

local function call_over(w)
  if w.call_ms then
    R('LPUSH', P .. 'lengths', fmt(NOW) .. ':' .. fmt(NOW - w.call_ms))
    R('LTRIM', P .. 'lengths', 0, 999)
  end
  w.call_ms, w.call_id, w.session_id, w.bot_id = nil, nil, nil, nil
end

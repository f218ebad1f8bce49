-- Reads. What is due has been settled before, so they show no seat that is already lost and no hold that has lapsed.

local views = {}

function views.reservation(a)
  local r = mine(a)
  return r and { result = 'ok', view = view(r) } or { result = 'unknown' }
end

local function seat_view(w)
  return { worker_id = w.id, host_id = w.host, state = state_of(w), phase = w.phase, draining = (w.drained_by or
    w.self_draining) and true or false, image_tag = w.image_tag, call_id = w.call_id, session_id = w.session_id,
    bot_id = w.bot_id, reservation_id = w.rid, client = w.client, campaign = w.campaign, since_ms = w.since_ms,
    age_ms = NOW - w.seen_ms, epoch = w.epoch, outbox_pending = w.outbox_pending }
end

function views.workers(a)
  if a.worker_id then
    local w = seat(a.worker_id)
    return w and { result = 'ok', view = seat_view(w) } or { result = 'unknown' }
  end
  local items, cursor = {}, a.cursor or ''
  while true do
    local ids = R('ZRANGEBYLEX', P .. 'seats', '(' .. cursor, '+', 'LIMIT', 0, 500)
    for _, id in ipairs(ids) do
      local w = seat(id)
      if (not a.host_id or a.host_id == w.host) and (not a.image_tag or a.image_tag == w.image_tag)
        and (not a.state or a.state == state_of(w)) and (not a.client or a.client == w.client) then
        if #items == a.limit then return { result = 'ok', items = items, cursor = cursor } end
        items[#items + 1] = seat_view(w)
      end
      cursor = id
    end
    if #ids < 500 then return { result = 'ok', items = items } end
  end
end

function views.counts()
  local out = { result = 'ok', status = NOW < tonumber(META.rebuild_until_ms) and 'rebuilding' or 'ok',
    free = R('SCARD', P .. 'free'), seats = R('ZCARD', P .. 'seats'), waiting_by = {}, longest_wait_ms = 0, rs = {} }
  for _, name in ipairs({ 'starting', 'idle', 'reserved', 'busy', 'wrapping', 'draining', 'lost' }) do
    out[name] = R('SCARD', P .. 'st:' .. name)
  end
  for name in pairs(OPEN) do out.rs[name] = R('SCARD', P .. 'rs:' .. name) end
  out.waiting = out.rs.waiting
  out.needed = out.reserved + out.busy + out.wrapping + out.waiting
  for _, id in ipairs(R('SMEMBERS', P .. 'st:draining')) do
    local phase = R('HGET', P .. 'w:' .. id, 'phase')
    if phase == 'reserved' or CARRYING[phase] then out.needed = out.needed + 1 end
  end
  local function oldest(key)
    local first = R('ZRANGE', key, 0, 0)[1]
    if first then out.longest_wait_ms = math.max(out.longest_wait_ms, NOW - reservation(first).born_ms) end
  end
  oldest(P .. 'q:moved')
  for _, priority in ipairs(PRIORITIES) do
    out.waiting_by[priority] = 0
    for _, client in ipairs(R('ZRANGE', P .. 'q:' .. priority, 0, -1)) do
      local key = P .. 'q:' .. priority .. ':' .. client
      out.waiting_by[priority] = out.waiting_by[priority] + R('ZCARD', key)
      oldest(key)
    end
  end
  for _, id in ipairs(R('ZRANGE', P .. 'q:moved', 0, -1)) do
    local priority = reservation(id).priority
    out.waiting_by[priority] = out.waiting_by[priority] + 1
  end
  local seen = R('ZRANGE', P .. 'seen', 0, 0, 'WITHSCORES')
  out.oldest_beat_ms = seen[2] and NOW - tonumber(seen[2]) or 0
  return out
end

function views.fleet()
  local out, hosts = views.counts(), {}
  out.refusals = {}
  local flat = R('HGETALL', P .. 'refused:' .. fmt(math.floor(NOW / 60000) - 1))
  for i = 1, #flat, 2 do out.refusals[flat[i]] = tonumber(flat[i + 1]) end
  for _, id in ipairs(R('ZRANGE', P .. 'seats', 0, -1)) do
    local w = R('HMGET', P .. 'w:' .. id, 'host', 'lb_url', 'phase', 'drained_by', 'self_draining', 'lost_ms', 'image_tag')
    local host = hosts[w[1]] or { host_id = w[1], lb_url = w[2], seats = 0, busy = 0, draining = 0, tags = {},
      free = R('ZCARD', P .. 'idle:' .. w[1]) }
    hosts[w[1]] = host
    host.seats, host.tags[w[7]] = host.seats + 1, (host.tags[w[7]] or 0) + 1
    if CARRYING[w[3]] and not w[6] then host.busy = host.busy + 1 end
    if (w[4] or w[5]) and not w[6] then host.draining = host.draining + 1 end
  end
  out.hosts = {}
  for _, host in pairs(hosts) do out.hosts[#out.hosts + 1] = host end
  table.sort(out.hosts, function(a, b) return a.host_id < b.host_id end)
  return out
end

function views.drains()
  local items, lengths = {}, {}
  for _, line in ipairs(R('LRANGE', P .. 'lengths', 0, -1)) do lengths[#lengths + 1] = tonumber(line:match(':(%d+)$')) end
  table.sort(lengths)
  local p95 = #lengths >= SAMPLES and lengths[math.ceil(#lengths * 0.95)] or nil
  for selector, drain in pairs(docs('drains')) do
    if not drain.deleted then
      local item = { selector = selector, reason = drain.reason, by = drain.by, since_ms = drain.since_ms, busy = 0,
        seats = R('SCARD', P .. 'dr:' .. selector), drained = R('SCARD', P .. 'dd:' .. selector), eta_ms = p95 and 0 or nil }
      for _, id in ipairs(R('SMEMBERS', P .. 'dr:' .. selector)) do
        local w = seat(id)
        if CARRYING[w.phase] then
          local age = NOW - w.call_ms
          item.busy = item.busy + 1
          item.oldest_call_ms = math.max(item.oldest_call_ms or 0, age)
          if p95 then item.eta_ms = math.max(item.eta_ms, p95 - age) end
        end
      end
      item.free_of_calls = item.seats - item.busy
      items[#items + 1] = item
    end
  end
  table.sort(items, function(a, b) return a.selector < b.selector end)
  return { result = 'ok', items = items }
end

function views.quotas()
  local out, sum = { result = 'ok', quotas = docs('quota'), drains = docs('drains'), used = {}, campaigns = {} }, 0
  for client, doc in pairs(all_quotas()) do
    local kept = 0
    out.used[client], out.campaigns[client] = units(client), {}
    for name, limit in pairs(doc.campaigns) do
      out.campaigns[client][name], kept = units(client, name), kept + limit.min
    end
    sum = sum + math.max(doc.min, kept)
  end
  out.overcommitted = sum > R('ZCARD', P .. 'seen')
  return out
end

function steps.read(a) return views[a.what](a) end

-- Who may have a seat (quotas, Q1 to Q3), and which one (placement).

local function all_quotas()
  if not quotas then
    quotas = docs('quota')
    for client, doc in pairs(quotas) do
      if doc.deleted then quotas[client] = nil end
    end
  end
  return quotas
end

local function quota_of(client) return all_quotas()[client] or LIMITS.quota end

local function units(client, campaign)
  if campaign then return R('SCARD', P .. 'use:k:' .. client .. '/' .. campaign) end
  return R('SCARD', P .. 'use:c:' .. client)
end

-- Seats that must stay free for a client: its own minimum, or those of its campaigns. `with`: after one more unit there.
local function kept_for(client, quota, with)
  local one = with and 1 or 0
  local own = quota.min == 0 and 0 or math.max(0, quota.min - units(client) - one)
  local sum = 0
  for name, limit in pairs(quota.campaigns) do
    if limit.min > 0 then
      sum = sum + math.max(0, limit.min - units(client, name) - (with and with.campaign == name and 1 or 0))
    end
  end
  return math.max(own, sum)
end

-- nil when a grant is allowed, else why not (Q1 to Q3).
local function refusal(client, campaign, priority, extra_seat)
  local quota = quota_of(client)
  local most = given(quota.max)
  if most then
    local used = units(client)
    if used >= most then return { result = 'quota_client', scope = 'client', limit = most, used = used } end
  end
  local own = campaign and quota.campaigns[campaign]
  most = own and given(own.max)
  if most then
    local used = units(client, campaign)
    if used >= most then return { result = 'quota_campaign', scope = 'campaign', limit = most, used = used } end
  end
  if extra_seat then return nil end
  local idle = R('SCARD', P .. 'free')
  if idle < 1 then return { result = 'no_idle_seat' } end
  local kept = priority == 'inbound' and 0 or tonumber(META.inbound_headroom)
  for name, doc in pairs(all_quotas()) do kept = kept + kept_for(name, doc) end
  if idle - 1 >= kept then return nil end
  if kept_for(client, quota, { campaign = campaign }) < kept_for(client, quota) then return nil end
  return { result = 'kept_for_others' }
end

local function listed(list, wanted)
  for _, each in ipairs(list) do if each == wanted then return true end end
  return false
end

local function fits(w, need)
  if not need then return true end
  if need.worker_id and need.worker_id ~= w.id or need.host_id and need.host_id ~= w.host
    or need.image_tag and need.image_tag ~= w.image_tag
    or need.exclude_workers and listed(need.exclude_workers, w.id)
    or need.exclude_hosts and listed(need.exclude_hosts, w.host) then return false end
  for _, protocol in ipairs(need.protocols or {}) do
    if not (' ' .. w.protocols .. ' '):find(' ' .. protocol .. ' ', 1, true) then return false end
  end
  return true
end

-- Hosts with a grantable seat, the one to fill first at the head; `n` of them.
local function hosts_in_order(n)
  if META.placement ~= 'spread' then return R('ZRANGE', P .. 'hosts', 0, n - 1) end
  local order, best = {}, R('ZREVRANGE', P .. 'hosts', 0, 0, 'WITHSCORES')
  while best[1] and #order < n do
    for _, host in ipairs(R('ZRANGEBYSCORE', P .. 'hosts', best[2], best[2], 'LIMIT', 0, n)) do
      order[#order + 1] = host
    end
    best = R('ZREVRANGEBYSCORE', P .. 'hosts', '(' .. best[2], '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
  end
  return order
end

local function find(need)
  if need and need.worker_id then
    local w = seat(need.worker_id)
    return w and grantable(w) and alive(w) and fits(w, need) and w or nil
  end
  -- Most ask for nothing special, and the first seat of the first host is theirs.
  local looks = need and LOOKS or 1
  for _, host in ipairs(need and need.host_id and { need.host_id } or hosts_in_order(looks)) do
    for _, id in ipairs(R('ZRANGE', P .. 'idle:' .. host, 0, looks - 1)) do
      local w = seat(id)
      if alive(w) and fits(w, need) then return w end
      looks = looks - 1
      if looks == 0 then return nil end
    end
  end
end

-- For an operator's test call: an idle seat that drains.
local function find_draining(need)
  local best
  for _, id in ipairs(R('SMEMBERS', P .. 'st:draining')) do
    local w = seat(id)
    if w.phase == 'idle' and alive(w) and fits(w, need)
      and (not best or w.since_ms < best.since_ms or w.since_ms == best.since_ms and w.id < best.id) then best = w end
  end
  return best
end

local function grant(r, w, event)
  r.granted_ms = r.granted_ms or NOW
  r.deadline_ms = math.min(NOW + r.hold_ms, r.granted_ms + LIMITS.hold)
  bind(w, r)
  save(w)
  reservation_to(r, event, 'held')
  save(r)
  note('reserve', w, r)
end

import Core
import Redis

@testable import Queue

/// What Redis holds of one installation, in words that the model can speak too, and what is wrong with it.
struct FlowDump {
    /// A group that waits for a key.
    struct Wait {
        let queue: String
        let name: String
        let key: String
        /// The time until the key is looked at again.
        let left_ms: Int
        let ids: [String]
    }

    let facts: Set<String>
    let faults: [String]
    let waits: [Wait]

    init(of prefix: String, _ queues: [String], lines: Bool, on redis: Client) async throws {
        let reply = try await redis.run(Self.script, keys: []) {
            $0.append(prefix)
            $0.append(lines ? "1" : "0")
            for queue in queues { $0.append(queue) }
        }
        let parts = (reply.array ?? []).map { ($0.array ?? []).map { $0.text ?? "" } }
        facts = Set(parts[0])
        faults = parts[1]
        waits = parts[2].map { text in
            let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            return Wait(
                queue: words[0], name: words[1], key: words[2], left_ms: Int(words[3]) ?? 0,
                ids: Array(words[4...]))
        }
    }

    /// Removes all that begins with a prefix.
    static func clear(_ prefix: String, on redis: Client) async throws {
        _ = try await redis.run(sweep, keys: []) { $0.append(prefix) }
    }

    private static let sweep = Script(
        name: "sweep",
        source: Array(
            "for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':*')) do redis.call('UNLINK', key) end".utf8)
    )

    private static let script = Script(
        name: "dump", source: Array((collect + perQueue + structure + run).utf8))

    private static let collect = #"""
        local prefix, tells_lines = ARGV[1], ARGV[2] == '1'
        local shared = prefix .. ':{flow}:'
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local facts, faults, waiting = {}, {}, {}
        local function fact(...) facts[#facts + 1] = table.concat({ ... }, ' ') end
        local function fault(...) faults[#faults + 1] = table.concat({ ... }, ' ') end
        local function short(member) return string.sub(member, #prefix + 2) end
        local function id_of(delivery) return string.match(delivery, '|(.+)$') or delivery end
        local function rest(key, start)
          return string.sub(key, 1, #start) == start and string.sub(key, #start + 1) or nil
        end
        local all = redis.call('KEYS', prefix .. ':*')

        local function members(kind, key, name)
          local set = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
          for i = 1, #set, 2 do
            fact(kind, name, short(set[i]), tonumber(set[i + 1]) > now and 'live' or 'lapsed')
          end
        end

        for _, key in ipairs(all) do
          local name = rest(key, shared .. 'slots:')
          if name then members('slot', key, name) end
          name = rest(key, shared .. 'probes:')
          if name then members('probe', key, name) end
          name = rest(key, shared .. 'only:')
          if name then fact('only', name, short(redis.call('GET', key))) end
          name = rest(key, shared .. 'cool:')
          if name then fact('cool', name) end
          name = rest(key, shared .. 'seekers:')
          for _, base in ipairs(name and redis.call('SMEMBERS', key) or {}) do
            if not redis.call('ZSCORE', base .. 'blocked', name) then fault('seeker', short(base), name) end
          end
        end
        for _, gate in ipairs(redis.call('HKEYS', shared .. 'gates')) do
          local is_set = redis.call('HEXISTS', shared .. 'limits', gate) == 1
            or redis.call('HEXISTS', shared .. 'pauses', gate) == 1
          if not is_set then fault('gate', gate) end
        end

        """#

    private static let perQueue = #"""
        -- Where every job is, and that it is there once.
        local function places(queue, base)
          local jobs, at = {}, {}
          for _, id in ipairs(redis.call('HKEYS', base .. 'jobs')) do jobs[id] = true end
          local function put(delivery, place)
            local id = id_of(delivery)
            if not jobs[id] then return fault('no job', queue, delivery, place) end
            at[id] = (at[id] and at[id] .. '+' or '') .. delivery .. ' ' .. place
          end
          local function each(command, key, place, ...)
            for _, delivery in ipairs(redis.call(command, key, ...)) do put(delivery, place) end
          end
          each('ZRANGE', base .. 'leases', 'running', 0, -1)
          each('ZRANGE', base .. 'later', 'later', 0, -1)
          each('ZRANGE', base .. 'dead', 'dead', 0, -1)
          each('HKEYS', base .. 'parked', 'parked')
          each('LRANGE', base .. 'suspects', 'suspect', 0, -1)
          for _, key in ipairs(all) do
            if rest(key, base .. 'ready:') or rest(key, base .. 'group:') then
              each('LRANGE', key, 'waiting', 0, -1)
            end
          end
          for id in pairs(jobs) do
            if at[id] then fact('job', queue, at[id]) else fault('job nowhere', queue, id) end
          end
          local marks = { 'tries', 'crashes', 'errors', 'progress', 'holders', 'cancels', 'history' }
          for _, mark in ipairs(marks) do
            for _, id in ipairs(redis.call('HKEYS', base .. mark)) do
              if not jobs[id] then fault('orphan', mark, queue, id) end
            end
          end
        end

        local function ties(queue, base)
          local function pairs_of(kind, key)
            local hash = redis.call('HGETALL', key)
            for i = 1, #hash, 2 do fact(kind, queue, hash[i], hash[i + 1]) end
          end
          pairs_of('lock', base .. 'locks')
          pairs_of('keeps', base .. 'keeps')
          for _, held in ipairs(redis.call('HKEYS', base .. 'holds')) do fact('holds', queue, held) end
          for _, id in ipairs(redis.call('HKEYS', base .. 'cancels')) do fact('cancel', queue, id) end
          for _, id in ipairs(redis.call('SMEMBERS', base .. 'askers')) do fact('asks', queue, id) end
          local told = {}
          for _, id in ipairs(redis.call('LRANGE', base .. 'afters', 0, -1)) do
            told[id] = (told[id] or 0) + 1
          end
          for id, count in pairs(told) do fact('told', queue, id, count) end
        end

        """#

    private static let structure = #"""
        -- That each group takes turns or waits for one key that is looked after, and nothing else is known.
        local function groups(queue, base)
          local known, open = {}, {}
          for _, name in ipairs(redis.call('SMEMBERS', base .. 'groups')) do
            known[name] = true
            if redis.call('EXISTS', base .. 'group:' .. name) == 0 then fault('empty group', queue, name) end
          end
          for _, key in ipairs(all) do
            local level_share = rest(key, base .. 'open:')
            if level_share then
              local level, share = string.match(level_share, '^(%d);(.*)$')
              local has_turn = redis.call('ZSCORE', base .. 'turn:' .. level, share)
              if not has_turn then fault('no turn', queue, share) end
              for _, name in ipairs(redis.call('ZRANGE', key, 0, -1)) do open[name] = true end
            end
            local level = rest(key, base .. 'turn:')
            for _, share in ipairs(level and redis.call('ZRANGE', key, 0, -1) or {}) do
              if redis.call('EXISTS', base .. 'open:' .. level .. ';' .. share) == 0 then
                fault('idle turn', queue, level, share)
              end
            end
            local awaited = rest(key, base .. 'waiters:')
            for _, name in ipairs(awaited and redis.call('ZRANGE', key, 0, -1) or {}) do
              local key_of = redis.call('HGET', base .. 'waits', name)
              if key_of ~= awaited then fault('waiter', queue, name, awaited) end
            end
            local name = rest(key, base .. 'group:')
            if name and not known[name] then fault('unknown group', queue, name) end
            local lock = rest(key, base .. 'unique:')
            if lock then fact('unique', queue, lock, string.sub(redis.call('GET', key), 1, 26)) end
          end
          for name in pairs(open) do if not known[name] then fault('open nothing', queue, name) end end
          return known, open
        end

        local function line_ups(queue, base, known, open)
          for _, key in ipairs(redis.call('ZRANGE', base .. 'blocked', 0, -1)) do
            if redis.call('EXISTS', base .. 'waiters:' .. key) == 0
              and key ~= 'queue:' .. queue then fault('blocked by nothing', queue, key) end
          end
          for _, name in ipairs(redis.call('HKEYS', base .. 'waits')) do
            if not known[name] then fault('nobody waits', queue, name) end
          end
          for name in pairs(known) do
            local list, ids = redis.call('LRANGE', base .. 'group:' .. name, 0, -1), {}
            for i = #list, 1, -1 do ids[#ids + 1] = id_of(list[i]) end
            if tells_lines then fact('line', queue, name, unpack(ids)) end
            local key = redis.call('HGET', base .. 'waits', name)
            if not key == not open[name] then fault('waits and open, or neither', queue, name) end
            if key then
              local till = redis.call('ZSCORE', base .. 'blocked', key)
              if not till or not redis.call('ZSCORE', base .. 'waiters:' .. key, name)
                or redis.call('SISMEMBER', shared .. 'seekers:' .. key, base) == 0 then
                fault('not looked after', queue, name, key)
              end
              local left = string.format('%d', tonumber(till or '0') - now)
              waiting[#waiting + 1] = table.concat({ queue, name, key, left, unpack(ids) }, ' ')
            end
          end
        end

        """#

    private static let run = #"""
        for i = 3, #ARGV do
          local base = prefix .. ':{' .. ARGV[i] .. '}:'
          places(ARGV[i], base)
          ties(ARGV[i], base)
          local known, open = groups(ARGV[i], base)
          line_ups(ARGV[i], base, known, open)
        end
        return { facts, faults, waiting }
        """#
}

extension FlowModel {
    /// What Redis ought to hold; `lines` when the order of those who wait is known too.
    func facts(lines tellsLines: Bool) -> Set<String> {
        var facts: Set<String> = []
        for (id, job) in jobs where job.place != .ended { facts.formUnion(self.facts(of: job, id.text)) }
        for (key, id) in owners {
            let queue = jobs[id]?.queue ?? ""
            facts.insert("only \(key) {\(queue)}:\(id.text)")
            facts.insert("keeps \(queue) \(id.text) \(key)")
        }
        for (name, lock) in locks {
            facts.insert("unique \(name) \(lock.id.text)")
            let isKept = jobs[lock.id]?.place != .dead || [.success, .lifetime].contains(lock.until)
            if isKept, jobs[lock.id]?.place != .ended {
                let parts = name.split(separator: " ")
                facts.insert("lock \(parts[0]) \(lock.id.text) \(lock.until.rawValue) \(parts[1])")
            }
        }
        for (id, count) in told { facts.insert("told \(jobs[id]?.queue ?? "") \(id.text) \(count)") }
        for key in cooled { facts.insert("cool \(key)") }
        if tellsLines {
            // Those who share nothing wait in lists, and their order says nothing of limits.
            for (kind, ids) in lines where !ids.isEmpty && !kind.hasSuffix(";;;") {
                facts.insert("line \(kind) \(ids.map(\.text).joined(separator: " "))")
            }
        }
        return facts
    }

    private func facts(of job: Job, _ id: String) -> Set<String> {
        let (queue, delivery) = (job.queue, job.delivery.text)
        var facts: Set = ["job \(queue) \(job.place == .dead ? id : delivery) \(job.place.rawValue)"]
        if job.isCancelWanted { facts.insert("cancel \(queue) \(id)") }
        if job.asks { facts.insert("asks \(queue) \(id)") }
        if job.isHolding { facts.insert("holds \(queue) \(delivery)") }
        let age = job.hasLapsed ? "lapsed" : "live"
        for key in job.slots { facts.insert("slot \(key) {\(queue)}:\(delivery) \(age)") }
        for key in job.probes { facts.insert("probe \(key) {\(queue)}:\(delivery) \(age)") }
        return facts
    }
}

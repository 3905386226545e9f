import Core
import HTTPTypes
import Queue
import Store

extension Routes {
    /// `/metrics`: the numbers that Prometheus reads.
    enum Metrics {
        static let routes = [
            Route(.get, "/metrics", "Show metrics in Prometheus' text format.", show).asMetrics()
                .answering(
                    Route.Reply(status: 200, about: "The metrics.", schema: Schema.string, type: "text/plain")
                )
        ]

        /// Without Redis or the database the rest is still shown, and `atom_up` says what is missing.
        static func show(_ call: Call) async throws -> Answer {
            var text = Exposition()
            let office = call.office
            let (depths, workers) = (
                await seen { try await office.depths() }, await seen { try await count(office) }
            )
            let oldest = await seen { try await office.store.outbox.unpushed(before: .now, limit: 1) }
            text.metric("atom_up", .gauge, "Whether a part that jobs need answers (1) or not (0).")
            text.sample("atom_up", ["part": "redis"], depths == nil ? 0 : 1)
            text.sample("atom_up", ["part": "database"], oldest == nil ? 0 : 1)
            if let depths { queues(depths, &text) }
            text.single("atom_workers", .gauge, "Workers heard of lately.", workers)
            if let oldest { outbox(oldest.first, &text) }
            await asides(Checkup(office), &text)
            requests(office.meter.reading, &text)
            rejections(office.meter.reading, &text)
            process(ProcessFacts(), &text)
            return Answer(text: text.text, type: Exposition.type)
        }

        private static func seen<Value>(_ look: () async throws -> Value) async -> Value? {
            do { return try await look() } catch { return nil }
        }

        private static func count(_ office: Office) async throws -> Double {
            Double(try await office.queues.workers.list().count)
        }

        private static func queues(_ depths: [Depths], _ text: inout Exposition) {
            text.metric("atom_queue_waiting_jobs", .gauge, "Jobs that wait to be claimed, by level.")
            for queue in depths {
                for level in Envelope.Level.allCases {
                    text.sample(
                        "atom_queue_waiting_jobs", ["queue": queue.queue, "level": level.rawValue],
                        Double(queue.waiting[level] ?? 0))
                }
                text.sample(
                    "atom_queue_waiting_jobs", ["queue": queue.queue, "level": "redelivered"],
                    Double(queue.suspects))
            }
            text.metric("atom_queue_jobs", .gauge, "Jobs that do not wait, by state.")
            for queue in depths {
                for (state, count) in states(queue) {
                    text.sample(
                        "atom_queue_jobs", ["queue": queue.queue, "state": state.rawValue], Double(count))
                }
            }
            ages(depths, &text)
            text.metric("atom_jobs_total", .counter, "Jobs that took a step, since the queue exists.")
            for queue in depths {
                for (event, count) in queue.totals.sorted(by: { $0.key < $1.key }) {
                    text.sample("atom_jobs_total", ["queue": queue.queue, "event": event], Double(count))
                }
            }
        }

        private static func states(_ queue: Depths) -> [(State, Int)] {
            [
                (.running, queue.running), (.scheduled, queue.scheduled), (.dead, queue.dead),
                (.parked, queue.parked),
            ]
        }

        private static func ages(_ depths: [Depths], _ text: inout Exposition) {
            let (name, now) = ("atom_queue_oldest_waiting_age_seconds", Moment.now)
            text.metric(name, .gauge, "How long the oldest waiting job has waited; 0 when none waits.")
            for queue in depths { text.sample(name, ["queue": queue.queue], queue.age_s(now) ?? 0) }
        }

        private static func outbox(_ oldest: Store.Outbox.Entry?, _ text: inout Exposition) {
            text.single(
                "atom_outbox_oldest_unpushed_age_seconds", .gauge,
                "How long the oldest durable job has not reached its queue; 0 when all have.",
                oldest.map { max(0, (Moment.now - $0.createdAt).seconds) } ?? 0)
        }

        /// The numbers of what serves others, each where it could be read.
        private static func asides(_ checkup: Checkup, _ text: inout Exposition) async {
            async let parts = [
                checkup.relay(), checkup.schedules(), checkup.announcements(), checkup.limits(),
            ]
            for (metric, part, detail, help) in gauges {
                let number = await parts.first { $0.name == part }?.number(detail)
                text.single(metric, .gauge, help, number)
            }
        }

        /// The metric, the part and its detail, and what it is.
        private static let gauges = [
            ("atom_relays", "relay", "count", "Relays heard of lately."),
            ("atom_relay_connections", "relay", "connections", "Connections of all relays."),
            (
                "atom_schedules_overdue", "schedules", "overdue",
                "Schedules whose turn is over without a firing."
            ),
            (
                "atom_announcements_waiting", "announcements", "waiting",
                "Changes that nobody was told of yet."
            ),
            (
                "atom_announcements_lag_seconds", "announcements", "lag_seconds",
                "The age of the oldest change that nobody was told of; 0 when all were."
            ),
            ("atom_limits", "limits", "set", "Limits that are set."),
            ("atom_pauses", "limits", "paused", "Keys that are paused."),
            ("atom_breakers_open", "limits", "breakers_open", "Circuit breakers that are open."),
        ]

        private static func requests(_ reading: Meter.Reading, _ text: inout Exposition) {
            text.metric("atom_http_requests_total", .counter, "Requests answered.")
            let order = { (series: Meter.Series) in "\(series.route) \(series.method) \(series.status)" }
            for (series, count) in reading.requests.sorted(by: { order($0.key) < order($1.key) }) {
                text.sample(
                    "atom_http_requests_total",
                    ["method": series.method, "route": series.route, "status": String(series.status)],
                    Double(count))
            }
            let name = "atom_http_request_duration_seconds"
            text.metric(name, .histogram, "How long requests took until the answer began.")
            for (route, histogram) in reading.durations.sorted(by: { $0.key < $1.key }) {
                text.histogram(name, route: route, histogram)
            }
        }

        private static func rejections(_ reading: Meter.Reading, _ text: inout Exposition) {
            let name = "atom_webhook_rejected_total"
            text.metric(name, .counter, "Calls of providers that were turned away.")
            let order = { (rejection: Meter.Rejection) in "\(rejection.provider) \(rejection.reason)" }
            for (rejection, count) in reading.rejected.sorted(by: { order($0.key) < order($1.key) }) {
                text.sample(
                    name, ["provider": rejection.provider, "reason": rejection.reason], Double(count))
            }
        }

        private static func process(_ facts: ProcessFacts, _ text: inout Exposition) {
            text.single(
                "process_resident_memory_bytes", .gauge, "Resident memory.",
                facts.resident_bytes.map { Double($0) })
            text.single("process_cpu_seconds_total", .counter, "CPU time used, user and system.", facts.cpu_s)
            text.single(
                "process_start_time_seconds", .gauge, "When the process began, since 1970.", facts.started_s)
            text.single(
                "process_open_fds", .gauge, "Open files and sockets.", facts.openFiles.map { Double($0) })
        }
    }
}

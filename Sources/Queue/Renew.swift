import Core
import Redis

extension Queue {
    /// A lease to extend.
    public struct Renewal: Sendable {
        let delivery: Delivery
        let holder: Holder?

        /// - Parameter holder: who runs it, to be noted; nil when that was noted before.
        public init(_ delivery: Delivery, holder: Holder? = nil) {
            self.delivery = delivery
            self.holder = holder
        }
    }

    /// Who runs a job, and since when.
    public struct Holder: Sendable {
        public let worker: String
        public let started: Moment

        public init(worker: String, started: Moment) {
            self.worker = worker
            self.started = started
        }
    }

    /// What became of renewed leases.
    public struct Renewed: Sendable {
        /// Deliveries that are no longer this worker's; whatever it writes about them is refused.
        public var lost: [Delivery] = []
        /// Deliveries that are to stop, and why.
        public var cancelled: [(delivery: Delivery, reason: String)] = []
    }

    /// Extends up to `batchLimit` leases by `Settings.lease`.
    public func renew(_ renewals: [Renewal]) async throws -> Renewed {
        guard !renewals.isEmpty else { return Renewed() }
        let reply = try await run(Scripts.renew) {
            $0.append(settings.lease.milliseconds)
            for renewal in renewals.prefix(Self.batchLimit) {
                $0.append(renewal.delivery.text)
                $0.append(renewal.delivery.id.text)
                $0.append(renewal.holder?.json.bytes ?? [])
            }
        }
        var renewed = Renewed()
        renewed.lost = (reply.array?[0].array ?? []).compactMap { $0.text.flatMap { Delivery($0) } }
        let pairs = reply.array?[1].array ?? []
        for index in stride(from: 0, to: pairs.count - 1, by: 2) {
            guard let delivery = pairs[index].text.flatMap({ Delivery($0) }) else { continue }
            renewed.cancelled.append((delivery, Self.reason(pairs[index + 1].bytes ?? [])))
        }
        return renewed
    }

    /// The reason for a cancel as `cancel` wrote it: a JSON string.
    static func reason(_ json: [UInt8]) -> String { (try? JSONParser.parse(json).string) ?? "" }
}

extension Queue.Holder {
    var json: JSON { ["k": .string(worker), "b": .integer(started.milliseconds)] }

    init?(_ json: JSON) {
        guard let worker = json["k"]?.string, let started = json["b"]?.integer else { return nil }
        self.init(worker: worker, started: Moment(milliseconds: started))
    }
}

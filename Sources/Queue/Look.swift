import Core
import Redis

/// A job as it stands now: where it is and all that is known of it.
public struct Sight: Sendable {
    public let state: State
    /// What was asked; without arguments once the job is done.
    public let envelope: Envelope
    public let queue: String
    /// When a scheduled job falls due.
    public let due: Moment?
    /// Attempts started so far, crashes aside.
    public let attempts: Int
    public let crashes: Int
    /// The errors of its attempts, oldest first.
    public let errors: [JSON]
    public let progress: JSON?
    public let result: JSON?
    public let reason: String?
    public let worker: String?
    public let started: Moment?
    public let finished: Moment?
    /// What happened to it beside being enqueued, started and ended; see `Timeline`.
    public let history: [JSON]
}

extension Queue {
    /// The most ids one look takes.
    public static let lookLimit = 200

    /// The jobs with these ids, in their order; nil where the queue knows none. One whose envelope is damaged
    /// has an empty name.
    public func look(_ ids: [ID]) async throws -> [Sight?] {
        guard !ids.isEmpty else { return [] }
        precondition(ids.count <= Self.lookLimit, "A look takes at most \(Self.lookLimit) ids.")
        let reply = try await run(Scripts.look) {
            for id in ids {
                $0.append(id.text)
                $0.append(Keys.bucket(of: id))
            }
        }
        return zip(ids, reply.array ?? []).map { sight($0, $1.array ?? []) }
    }

    /// What cannot be read is left out, so that one damaged job does not hide the others.
    private func sight(_ id: ID, _ parts: [Reply]) -> Sight? {
        guard parts.count == 9, let place = parts[0].text, !place.isEmpty else { return nil }
        let record = parts[7].present.flatMap { try? Record($0) }
        guard let bytes = parts[1].present ?? record?.envelope else { return nil }
        let envelope = (try? Envelope(bytes)) ?? Envelope(id: id, name: "", arguments: [])
        let errors = (parts[3].present ?? record?.errors).flatMap(Self.json)?.array ?? []
        let state = record?.state ?? State(rawValue: place) ?? .waiting
        let holder = parts[6].present.flatMap(Self.json).flatMap(Holder.init)
        let attempted = Int(errors.last?["attempt"]?.integer ?? 0)
        return Sight(
            state: state, envelope: envelope, queue: name,
            due: parts[2].text.flatMap { Double($0) }.map { Moment(milliseconds: Int64($0)) },
            attempts: max(record?.attempts ?? 0, attempted + (state == .running ? 1 : 0)),
            crashes: record?.crashes ?? parts[4].text.flatMap { Int($0) } ?? 0, errors: errors,
            progress: (parts[5].present ?? record?.progress).flatMap(Self.json),
            result: record?.result.flatMap(Self.json), reason: record?.reason,
            worker: record?.worker ?? holder?.worker, started: record?.started ?? holder?.started,
            finished: record?.finished,
            history: (parts[8].present.map { Array("[".utf8) + $0 + Array("]".utf8) } ?? record?.history)
                .flatMap(Self.json)?.array ?? [])
    }

    private static func json(_ bytes: [UInt8]) -> JSON? { try? JSONParser.parse(bytes) }
}

extension Reply {
    /// The bytes, nil when there are none.
    fileprivate var present: [UInt8]? { bytes.flatMap { $0.isEmpty ? nil : $0 } }
}

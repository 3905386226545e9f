import Core
import Queue
import Synchronization

/// How fast queues drain, measured between the looks that callers take at them.
final class Paces: Sendable {
    private struct Sample {
        let at: Moment
        let ended: Int64
    }

    /// A pace is measured over so long at least.
    private static let shortest: Duration = .seconds(2)
    /// An older sample says nothing of the pace now.
    private static let oldest: Duration = .seconds(300)
    private static let samplesKept = 32

    private let samples = Mutex<[String: [Sample]]>([:])

    /// Takes note of what a queue has ended so far; the jobs a second since a sample before, if one is apt.
    func note(_ demand: Demand) -> Double? {
        let now = Sample(at: .now, ended: demand.ended)
        return samples.withLock { samples in
            var kept = samples[demand.queue, default: []].filter { now.at - $0.at < Self.oldest }
            defer { samples[demand.queue] = kept }
            let before = kept.last { now.at - $0.at >= Self.shortest }
            if kept.last.map({ now.at - $0.at >= Self.shortest }) ?? true {
                kept = (kept + [now]).suffix(Self.samplesKept)
            }
            guard let before, now.ended >= before.ended else { return nil }
            return Double(now.ended - before.ended) / (now.at - before.at).seconds
        }
    }

    /// The pace of a queue between its last two samples; nil where there are none yet.
    func per_s(of queue: String) async -> Double? {
        samples.withLock { samples in
            guard let kept = samples[queue]?.suffix(2), kept.count == 2, let first = kept.first,
                let last = kept.last
            else { return nil }
            return Double(last.ended - first.ended) / (last.at - first.at).seconds
        }
    }
}

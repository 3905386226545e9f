import Core
import Scheduler

/// Why a schedule is to rest.
struct PauseRequest: Decodable, Sendable {
    private let reason: String?

    static let reasonLimit = 500

    var text: String {
        get throws {
            let text = reason ?? ""
            guard text.unicodeScalars.count <= Self.reasonLimit else {
                throw Failure(
                    .invalid, "reason may have \(Self.reasonLimit) characters at most.", at: "/reason")
            }
            return text
        }
    }
}

/// Which times of a schedule are to be filled in.
struct BackfillRequest: Decodable, Sendable {
    private let from: Moment
    private let until: Moment
    private let overlap: String?

    var range: Range<Moment> {
        get throws {
            guard from < until else {
                throw Failure(.invalid, "until must be after from.", at: "/until")
            }
            return from..<until
        }
    }

    /// The overlap rule for these firings; nil for the usual one, by which all wait for their turn.
    var rule: Schedule.Overlap? {
        get throws {
            guard let overlap else { return nil }
            guard let rule = Schedule.Overlap(rawValue: overlap) else {
                let words = Schedule.Overlap.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure(.invalid, "overlap is one of \(words).", at: "/overlap")
            }
            return rule
        }
    }
}

/// A timing to look at before a schedule is made of it.
struct TimingRequest: Decodable, Sendable {
    let timing: JSON
    let from: Moment?
    private let count: Int?

    var amount: Int {
        get throws {
            let amount = count ?? 10
            guard (1...Schedule.Limits.preview).contains(amount) else {
                throw Failure(
                    .invalid, "count must be from 1 to \(Schedule.Limits.preview).", at: "/count")
            }
            return amount
        }
    }
}

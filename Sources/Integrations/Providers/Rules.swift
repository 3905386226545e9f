import Core

extension Provider {
    /// What a provider's answers mean, as data: the same few lines of code read the table of each.
    package struct Rules: Sendable {
        /// What becomes of a write whose answer was lost.
        package enum Doubt: String, Sendable, Hashable {
            /// The provider is asked whether it happened, and only then is it made again.
            case ask
            /// Nobody can tell: a person decides.
            case park
        }

        /// So many calls in so many seconds, for one connection over all workers.
        package struct Pace: Sendable, Hashable {
            package let calls: Int
            package let per_s: Int

            package init(_ calls: Int, per_s: Int) {
                self.calls = calls
                self.per_s = per_s
            }
        }

        package var doubt: Doubt
        package var pace: Pace?
        /// Codes of refusals (the provider's own, or a status) that pass by themselves, beside `usual`.
        package var passing: Set<String>
        /// Codes that are final even where their status would be tried again.
        package var final: Set<String>
        /// Codes after which the connection is of no use before somebody connects it anew.
        package var lockedOut: Set<String>
        /// Statuses after which nobody knows whether the write was made: whoever answered gave up on another.
        package var hazy: Set<Int>
        /// The pause after a passing refusal that names none.
        package var pause: Duration?

        package init(
            doubt: Doubt = .park, pace: Pace? = nil, passing: Set<String> = [], final: Set<String> = [],
            lockedOut: Set<String> = ["401"], hazy: Set<Int> = [500, 502, 504], pause: Duration? = nil
        ) {
            self.doubt = doubt
            self.pace = pace
            self.passing = passing
            self.final = final
            self.lockedOut = lockedOut
            self.hazy = hazy
            self.pause = pause
        }

        /// Statuses that pass by themselves at every provider.
        private static let usual: Set<Int> = [408, 425, 429, 500, 502, 503, 504, 529]

        /// What a refusal means for the one who asked.
        func failure(_ refusal: Refusal, of provider: Provider) -> Failure {
            let codes: Set<String> = [refusal.code, String(refusal.status)]
            let kind = kind(codes, refusal.status)
            let isPassing = kind == .limited || kind == .unavailable
            let pause = isPassing ? refusal.retryAfter ?? pause : nil
            return Failure(
                kind, "\(provider.title) refused (\(refusal.code)): \(refusal.message)", retryAfter: pause)
        }

        /// True when the write may have been made all the same.
        func isHazy(_ refusal: Refusal) -> Bool {
            hazy.contains(refusal.status) && final.isDisjoint(with: [refusal.code, "\(refusal.status)"])
        }

        private func kind(_ codes: Set<String>, _ status: Int) -> Failure.Kind {
            if !codes.isDisjoint(with: lockedOut) { return .unauthorized }
            if !codes.isDisjoint(with: final) { return .invalid }
            if !codes.isDisjoint(with: passing) { return .limited }
            if Self.usual.contains(status) { return status == 429 ? .limited : .unavailable }
            return switch status {
            case 403: .forbidden
            case 404, 410: .missing
            case 409, 412: .conflict
            default: .invalid
            }
        }
    }

    /// What a provider says of a call that it did not do.
    package struct Refusal: Sendable, Hashable {
        package let status: Int
        /// Its own code where it has one, else the status.
        package let code: String
        /// In its words, shortened, without the secrets of the connection.
        package let message: String
        package var retryAfter: Duration?

        package init(status: Int, code: String, message: String, retryAfter: Duration? = nil) {
            self.status = status
            self.code = code
            self.message = message
            self.retryAfter = retryAfter
        }
    }
}

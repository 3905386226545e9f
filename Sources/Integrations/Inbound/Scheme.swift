import Core

/// How the calls of one provider are known, told apart and answered, as data.
package struct Scheme: Sendable {
    /// The name of the provider.
    package let provider: String
    /// How a call proves who made it.
    let seal: Seal
    /// When a call says it was made; nil where it does not say.
    var stamp: Stamp?
    /// What tells one call from another.
    var identity = Identity()
    /// What the provider asks before it begins to call.
    var handshake = Handshake.none
    /// What it is answered when all is well.
    package var reply = Reply.empty
    /// The fields of a connection that calls are checked with; each one that is filled in counts, so that two
    /// are active while one replaces the other.
    package var fields = Self.secrets
    /// Bytes that a call may have.
    package var limit = 1 << 20
    /// Secrets that a provider prints in its manual: whoever reads it could sign with them.
    var printed: Set<String> = []
    /// True where the secret is ours to choose.
    package var isChosen = false
    /// False where the body holds the secret, and nothing that is needed.
    package var keepsBody = true

    /// The secret, and the one before it.
    package static let secrets = ["webhook_secret", "webhook_secret_old"]

    /// Why a call is turned away: for the counter, never for the caller.
    package enum Flaw: String, Error, Sendable, CaseIterable {
        /// The connection has no secret to check with.
        case unset
        /// A header that it must have is missing, empty or there twice.
        case unsigned
        /// It was made too long ago, or is not to be made yet.
        case stale
        /// The signature is not right.
        case forged
    }

    /// What is answered when all is well.
    package enum Reply: Sendable, Hashable {
        case empty
        /// An empty document of TwiML.
        case twiml
        /// "We are at it": the answer of an interaction follows.
        case deferred
    }

    /// Checks a call as it came, over its raw bytes.
    ///
    /// - Parameters:
    ///   - secrets: all that are active.
    ///   - isTrial: takes secrets that everybody can read too.
    package func check(
        _ arrival: Arrival, secrets: [String], isTrial: Bool = false, at now: Moment = .now
    ) throws(Flaw) {
        let secrets = secrets.filter { !$0.isEmpty && (isTrial || !printed.contains($0)) }
        guard !secrets.isEmpty else { throw .unset }
        let time = try stamp?.read(arrival, now) ?? nil
        // All are tried, so that the time taken does not tell which of them fits.
        var isRight = false
        for secret in secrets {
            let fits = try seal.fits(arrival, time, secret)
            isRight = fits || isRight
        }
        guard isRight else { throw .forged }
    }

    /// What names the call; a second one of the same name is the same call again.
    package func name(_ arrival: Arrival) -> (id: String, proof: String?) { identity.of(arrival) }
}

extension Scheme {
    /// Where a call says when it was made, and how far that may be from now.
    struct Stamp: Sendable {
        enum Unit: Sendable {
            case seconds, milliseconds
            /// Such as `2021-07-25T10:00:00Z`.
            case text
        }

        enum Place: Sendable {
            case header(String)
            /// A JSON pointer into the body.
            case body(String)
            /// `t=` among the comma-separated parts of a header.
            case part(of: String)
        }

        let place: Place
        var unit = Unit.seconds
        var window_s: Int64 = 300
        /// The header without which a call does not say when it was made.
        var condition: String?

        /// The time as the call wrote it, which is what is signed; nil where it need not say one.
        func read(_ arrival: Arrival, _ now: Moment) throws(Flaw) -> String? {
            if let condition, !arrival.has(condition) { return nil }
            guard let text = text(arrival) else { throw .unsigned }
            guard let moment = moment(text), abs(now.seconds - moment.seconds) <= window_s else {
                throw .stale
            }
            return text
        }

        private func text(_ arrival: Arrival) -> String? {
            switch place {
            case .header(let name): return arrival.header(name)
            case .body(let pointer):
                let value = arrival.json.value(at: pointer)
                return value?.integer.map { String($0) } ?? value?.string
            case .part(let header):
                let parts = (arrival.header(header) ?? "").split(separator: ",")
                let found = parts.filter { $0.hasPrefix("t=") }
                return found.count == 1 ? String(found[0].dropFirst(2)) : nil
            }
        }

        private func moment(_ text: String) -> Moment? {
            guard unit != .text else { return Moment(text) }
            let isNumber =
                (1...16).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
            guard isNumber, let number = Int64(text) else { return nil }
            return unit == .seconds ? Moment(seconds: Double(number)) : Moment(milliseconds: number)
        }
    }
}

extension Moment {
    fileprivate var seconds: Int64 { milliseconds / 1_000 }
}

import Core
import Curl
import Foundation

/// The line to one provider for one connection: shows the badge, keeps the bounds, and reads what an answer
/// means by the provider's table.
package struct Line: Sendable {
    package let provider: Provider
    package let credentials: Credentials
    /// Where the provider is reached, without a slash at its end.
    package let base: String
    let curl: Curl
    let addresses: AddressGuard
    /// Where calls to other addresses than the base may go.
    let strangers: AddressGuard
    /// Gives the credentials that are good now: asked with nil before a call, and with those that were
    /// refused after a 401, when nil says that there are no others. Nil where they never change.
    package var renew: (@Sendable (_ refused: Credentials?) async throws -> Credentials?)?
    /// Hears when the provider lets the connection in no more.
    package var onLockout: (@Sendable (Failure) async -> Void)?

    /// How a write ended, as far as anybody can know.
    package enum Telling: Sendable {
        case made(Answer)
        /// It certainly was not made.
        case failed(Failure)
        /// It may have been made: the answer was lost.
        case unclear(Failure)
    }

    /// Reads an answer of the provider as a refusal; nil for one that says yes.
    package typealias Reading = @Sendable (Answer) -> Provider.Refusal?

    /// Asks for something that changes nothing, or that may be repeated without harm.
    ///
    /// A request whose address begins with a slash goes to `base`.
    /// Throws a `Failure` of the provider's table: `limited` and `unavailable` pass, `unauthorized` does not.
    package func ask(_ request: Curl.Request, reading: Reading = Answer.plain) async throws -> Answer {
        do {
            let (answer, shown) = try await send(request)
            if let refusal = reading(answer) { throw await failure(refusal, of: request, hiding: shown) }
            return answer
        } catch let fault as Curl.Fault {
            throw Failure(fault)
        }
    }

    /// Tells the provider to do something, once.
    package func tell(_ request: Curl.Request, reading: Reading = Answer.plain) async -> Telling {
        do {
            let (answer, shown) = try await send(request)
            guard let refusal = reading(answer) else { return .made(answer) }
            let failure = await failure(refusal, of: request, hiding: shown)
            return provider.rules.isHazy(refusal) ? .unclear(failure) : .failed(failure)
        } catch let fault as Curl.Fault {
            return fault.mayHaveArrived ? .unclear(Failure(fault)) : .failed(Failure(fault))
        } catch let failure as Failure {
            return .failed(failure)
        } catch {
            return .unclear(
                Failure(.unavailable, "The attempt was stopped while the call was on its way.", cause: error))
        }
    }

    /// A call to which no answer began, though it may have arrived.
    struct Unanswered: Error {
        let failure: Failure
    }

    /// Streams the answer of a request, such as the words of a language model.
    ///
    /// Throws as `ask` does, or `Unanswered`; an answer that says no is read whole first.
    package func stream(_ request: Curl.Request, reading: Reading = Answer.plain) async throws -> Curl.Body {
        do {
            let good = try await renew?(nil) ?? credentials
            let (head, body) = try await begun(request, good)
            guard head.status >= 400 else { return body }
            var bytes: [UInt8] = []
            for try await piece in body where bytes.count < Answer.mostOfRefusal { bytes += piece }
            let answer = Answer(head: head, body: bytes)
            throw await failure(reading(answer) ?? answer.refusal(""), of: request, hiding: good)
        } catch let fault as Curl.Fault {
            throw Failure(fault)
        }
    }

    private func begun(
        _ request: Curl.Request, _ good: Credentials
    ) async throws -> (Curl.Head, Curl.Body) {
        do { return try await curl.stream(prepared(request, good)) } catch let fault as Curl.Fault
            where fault.mayHaveArrived
        { throw Unanswered(failure: Failure(fault)) }
    }

    private func send(_ request: Curl.Request) async throws -> (Answer, shown: Credentials) {
        let good = try await renew?(nil) ?? credentials
        let answer = Answer(try await curl.send(prepared(request, good)))
        guard answer.status == 401, let fresh = try await renew?(good) else { return (answer, good) }
        return (Answer(try await curl.send(prepared(request, fresh))), fresh)
    }

    private func failure(
        _ refusal: Provider.Refusal, of request: Curl.Request, hiding shown: Credentials
    ) async -> Failure {
        let clean = Provider.Refusal(
            status: refusal.status, code: hidden(refusal.code, shown, most: 100),
            message: hidden(refusal.message, shown, most: 500), retryAfter: refusal.retryAfter)
        let failure = provider.rules.failure(clean, of: provider)
        // Whoever is elsewhere saw no badge, and cannot lock us out.
        if failure.kind == .unauthorized, isOurs(request.url) { await onLockout?(failure) }
        return failure
    }

    /// Words of the provider without our secrets: some say back what they were shown.
    private func hidden(_ text: String, _ shown: Credentials, most: Int) -> String {
        let header = badge(shown)?.value.split(separator: " ").last ?? ""
        let words = header.count >= 6 ? text.replacing(header, with: "…") : text
        return String(credentials.redacted(shown.redacted(words)).prefix(most))
    }

    private func prepared(_ request: Curl.Request, _ credentials: Credentials) -> Curl.Request {
        var request = request
        if request.url.hasPrefix("/") { request.url = base + request.url }
        // Another address than the provider's came from outside: it may see no badge and nothing within.
        let isOurs = self.isOurs(request.url)
        request.addresses = isOurs ? addresses : strangers
        request.headers.append(.init("User-Agent", "Atom"))
        request.isWanted = Mandate.holds
        if isOurs, let header = badge(credentials) { request.headers.append(header) }
        return request
    }

    private func isOurs(_ url: String) -> Bool {
        url.hasPrefix("/") || url.hasPrefix("\(base)/") || url.hasPrefix("\(base)?") || url == base
    }

    private func badge(_ credentials: Credentials) -> Curl.Header? {
        switch provider.entrance.badge {
        case .bearer(let field):
            // A model server of one's own may want no key.
            guard let token = credentials["access_token"] ?? credentials[field] else { return nil }
            return .init("Authorization", "Bearer \(token)")
        case .basic(let user, let suffix, let password):
            if let token = credentials["access_token"] { return .init("Authorization", "Bearer \(token)") }
            let pair = "\(credentials[user] ?? "")\(suffix):\(credentials[password] ?? "")"
            return .init("Authorization", "Basic \(Data(pair.utf8).base64EncodedString())")
        case .header(let name, let field): return .init(name, credentials[field] ?? "")
        case .path, .none: return nil
        }
    }
}

import Core
import Curl

/// What became of a message that a provider was told to send.
package enum Posting: Sendable {
    /// The provider has it, and calls it by this id.
    case posted(id: String)
    /// It certainly was not sent.
    case failed(Failure)
    /// It may have been sent.
    case unclear(Failure)

    /// - Parameter id: what the provider calls the message, in an answer that says yes.
    init(_ telling: Line.Telling, id: (Line.Answer) -> String?) {
        switch telling {
        case .made(let answer): self = .posted(id: id(answer) ?? "")
        case .failed(let failure): self = .failed(failure)
        case .unclear(let failure): self = .unclear(failure)
        }
    }
}

extension Curl.Request {
    /// A request with a JSON body.
    static func json(_ method: String, _ url: String, _ body: JSON) -> Curl.Request {
        Curl.Request(
            method, url, headers: [.init("Content-Type", "application/json; charset=utf-8")],
            body: .bytes(body.bytes))
    }
}

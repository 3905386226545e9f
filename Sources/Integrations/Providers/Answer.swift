import Core
import Curl

extension Line {
    /// What a provider answered, whole.
    package struct Answer: Sendable {
        package let head: Curl.Head
        package let body: [UInt8]
        /// How long it asks to be left alone.
        package let retryAfter: Duration?

        /// The most of a refusal that is read.
        static let mostOfRefusal = 65_536

        package var status: Int { head.status }

        /// The body as JSON; null where it is none.
        package var json: JSON {
            do { return try JSONParser.parse(body) } catch { return .null }
        }

        init(_ response: Curl.Response) {
            head = response.head
            body = response.body
            retryAfter = response.retryAfter
        }

        init(head: Curl.Head, body: [UInt8]) {
            self.head = head
            self.body = body
            retryAfter = Self.pause(seconds: head["retry-after"].flatMap { Double($0) })
        }

        /// The answer as a refusal with this code, its status unless told, and these words.
        package func refusal(
            _ message: String, code: String? = nil, retryAfter: Duration? = nil
        ) -> Provider.Refusal {
            Provider.Refusal(
                status: status, code: code ?? "\(status)", message: message,
                retryAfter: retryAfter ?? self.retryAfter)
        }

        /// What a status says by itself.
        package static let plain: Reading = { answer in
            guard answer.status >= 400 else { return nil }
            return answer.refusal(String(decoding: answer.body.prefix(500), as: UTF8.self))
        }
    }
}

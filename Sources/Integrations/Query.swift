import Core
import Curl
import Foundation

extension Curl.Request {
    /// The most of a page that is read.
    private static let mostOfPage = 16 << 20

    /// Asks for a page: `path` with the parameters that have a value.
    static func page(_ path: String, _ parameters: [(String, String?)] = []) -> Curl.Request {
        var query = Form()
        for (name, value) in parameters { query.add(name, value) }
        let mark = path.contains("?") ? "&" : "?"
        var request = Curl.Request("GET", query.fields.isEmpty ? path : path + mark + query.text)
        request.maxBytes = mostOfPage
        request.timeouts = Timeouts(connect: .seconds(10), firstByte: .seconds(30), total: .seconds(60))
        return request
    }
}

extension Line {
    /// The part of an address behind `base`, for addresses that a provider gives us: what lies elsewhere is
    /// never called with our badge. Throws `broken`.
    func path(of address: String) throws(Failure) -> String {
        guard address.hasPrefix(base + "/") else {
            throw Failure(.broken, "\(provider.title) names an address that is not its own.")
        }
        return String(address.dropFirst(base.count))
    }
}

extension String {
    /// As a part of a path or the value of a parameter (RFC 3986).
    var encodedForQuery: String { Form.encoded(self) }
}

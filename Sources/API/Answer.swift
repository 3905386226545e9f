import Core
import HTTPTypes
import Hummingbird
import NIOCore

/// What a route answers.
struct Answer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    private let body: [UInt8]

    /// 200
    init(_ json: JSON) { self.init(.ok, json) }

    init(_ status: HTTPResponse.Status, _ json: JSON) {
        self.status = status
        body = json.bytes
        headers[.contentType] = "application/json"
    }

    /// - Parameter type: the media type of the text.
    init(text: String, type: String) {
        status = .ok
        body = Array(text.utf8)
        headers[.contentType] = type
    }

    /// - Parameter type: the media type of the bytes.
    init(bytes: [UInt8], type: String) {
        status = .ok
        body = bytes
        headers[.contentType] = type
    }

    private init() {
        status = .noContent
        body = []
    }

    /// 204
    static let empty = Answer()

    func with(_ name: HTTPField.Name, _ value: String) -> Answer {
        var answer = self
        answer.headers[name] = value
        return answer
    }

    var response: Response {
        guard !body.isEmpty else { return Response(status: status, headers: headers) }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// The body as it is kept for a repeated request.
    var text: String { String(decoding: body, as: UTF8.self) }
}

import Core
import Curl
import Foundation
import Testing

@testable import Integrations

@Suite struct `A transcription` {
    /// A server that answers every recording alike, and what it took in.
    private func server(_ status: String, _ body: String) throws -> (Server, Record<Heard>) {
        let heard = Record<Heard>()
        let server = try Server { peer in
            guard let request = peer.request() else { return }
            heard.add(request)
            peer.answer(status, body: body)
        }
        return (server, heard)
    }

    private func line(to server: Server, key: String? = "sk-test-0123456789") throws -> Line {
        let settings = Integrations.Settings(
            mail: .init(sender: .init("atom@example.org")), bases: ["transcription": server.url("/v1/")])
        let credentials = Credentials(key.map { ["api_key": $0] } ?? [:])
        return try Integrations(settings, outbox: Kept()).line(to: .transcription, credentials)
    }

    private func order() -> Transcription.Order {
        // Bytes that look like the ends of lines and parts must arrive as they are.
        Transcription.Order(
            [0, 13, 10, 45, 45, 255, 13, 10], name: "recording.ogg", mediaType: "audio/ogg")
    }

    @Test func `is asked for by a form, with the bytes as they are`() async throws {
        let (server, taken) = try server("200 OK", #"{"text":"Hallo.","language":"german","duration":1.5}"#)
        var asked = order()
        (asked.language, asked.prompt, asked.grammar) = ("de-AT", "Grüße", "#JSGF V1.0;")
        let heard = try await Transcription(line: line(to: server)).hear(asked)
        #expect(heard == .init(text: "Hallo.", language: "german", duration_s: 1.5))
        let request = try #require(taken.values.first)
        #expect(request.method == "POST" && request.path == "/v1/audio/transcriptions")
        #expect(request.headers["authorization"] == "Bearer sk-test-0123456789")
        let type = try #require(request.headers["content-type"])
        let boundary = try #require(
            type.firstMatch(of: /^multipart\/form-data; boundary=([A-Za-z0-9-]+)$/)?.1)
        let text = String(decoding: request.body, as: UTF8.self)
        for (name, value) in [
            ("model", "whisper-1"), ("response_format", "verbose_json"), ("language", "de"),
            ("prompt", "Grüße"), ("grammar", "#JSGF V1.0;"),
        ] {
            let part = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
            #expect(text.contains(part))
        }
        let file = "name=\"file\"; filename=\"recording.ogg\"\r\nContent-Type: audio/ogg\r\n\r\n"
        let place = try #require(request.body.firstRange(of: Array(file.utf8))?.upperBound)
        #expect(Array(request.body[place...]) == asked.audio + Array("\r\n--\(boundary)--\r\n".utf8))
    }

    @Test(arguments: [
        ("400 No", #"{"error":{"message":"Not decoded.","code":"invalid_audio"}}"#, Failure.Kind.invalid),
        ("401 No", #"{"error":{"message":"Incorrect API key: sk-test-0123456789"}}"#, .unauthorized),
        ("413 No", "too large", .invalid), ("429 No", #"{"error":{"message":"Slow down"}}"#, .limited),
        ("429 No", #"{"error":{"message":"No money","code":"insufficient_quota"}}"#, .invalid),
        ("500 No", "", .unavailable), ("200 OK", "{}", .unavailable), ("200 OK", "<html>", .unavailable),
    ])
    func `tells what a refusal means, and no secret`(
        _ status: String, _ body: String, _ kind: Failure.Kind
    ) async throws {
        let (server, _) = try server(status, body)
        let failure = try #require(
            await failure { try await Transcription(line: line(to: server)).hear(order()) })
        #expect(failure.kind == kind)
        #expect(!failure.message.contains("sk-test"))
    }

    @Test func `needs no key at a server of one's own, but an address`() async throws {
        let (server, taken) = try server("200 OK", #"{"text":"","usage":{"type":"duration","seconds":2}}"#)
        let heard = try await Transcription(line: line(to: server, key: nil)).hear(order())
        #expect(heard == .init(text: "", language: nil, duration_s: 2))
        #expect(taken.values[0].headers["authorization"] == nil)
        let none = try Integrations.local()
        #expect(throws: Failure.self) { try none.line(to: .transcription, Credentials([:])) }
    }
}

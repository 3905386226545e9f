import Curl
import Foundation
import Testing

@Suite struct `A request` {
    private let curl = Curl()

    @Test func `carries method, path, headers and body, and brings back the answer`() async throws {
        let heard = Record<Heard>()
        let server = try Server { peer in
            guard let request = peer.request() else { return }
            heard.add(request)
            peer.answer("201 Created", ["X-Name: value", "Retry-After: 7"], body: "made")
        }
        var request = Curl.Request.local("POST", server.url("/a?b=c"), body: .bytes(Array("hello".utf8)))
        request.headers = [Curl.Header("Content-Type", "text/plain"), Curl.Header("X-Empty", "")]
        let response = try await curl.send(request)
        #expect(response.status == 201)
        #expect(response.head["x-name"] == "value")
        #expect(response.body == Array("made".utf8))
        #expect(response.retryAfter == .seconds(7))
        let seen = try #require(heard.values.first)
        #expect(seen.method == "POST" && seen.path == "/a?b=c" && seen.body == Array("hello".utf8))
        #expect(seen.headers["content-type"] == "text/plain" && seen.headers["x-empty"] == "")
        #expect(seen.headers["expect"] == nil && seen.headers["content-length"] == "5")
    }

    @Test(arguments: ["GET", "HEAD", "DELETE", "PUT", "PATCH", "POST", "OPTIONS"])
    func `goes out with its method and without an invented body or type`(method: String) async throws {
        let heard = Record<Heard>()
        let server = try Server { peer in
            guard let request = peer.request() else { return }
            heard.add(request)
            peer.write("HTTP/1.1 204 No Content\r\n\r\n")
        }
        let response = try await curl.send(.local(method, server.url()))
        #expect(response.status == 204)
        let seen = try #require(heard.values.first)
        #expect(seen.method == method && seen.body.isEmpty && seen.headers["content-type"] == nil)
    }

    @Test func `sends a file as its body`() async throws {
        let heard = Record<Heard>()
        let server = try Server { peer in
            guard let request = peer.request() else { return }
            heard.add(request)
            peer.answer("200 OK")
        }
        let path = NSTemporaryDirectory() + "curl-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let content = [UInt8]((0..<200_000).map { UInt8($0 % 251) })
        try Data(content).write(to: URL(fileURLWithPath: path))
        _ = try await curl.send(.local("PUT", server.url(), body: .file(path: path)))
        #expect(heard.values.first?.body == content)
        #expect(
            await fault { try await curl.send(.local("PUT", server.url(), body: .file(path: path + "x"))) }
                == .invalid)
    }

    @Test func `uses a connection again and measures what it did`() async throws {
        let server = try Server { peer in
            while peer.request() != nil { peer.answer("200 OK", body: "12345") }
        }
        let first = try await curl.send(.local("GET", server.url()))
        let second = try await curl.send(.local("GET", server.url()))
        #expect(!first.metrics.isReused && second.metrics.isReused)
        #expect(second.metrics.peer == "127.0.0.1:\(server.port)")
        #expect(second.metrics.bytesDown == 5 && second.metrics.total > .zero)
        #expect(first.metrics.connect != nil && first.metrics.secure == nil && first.metrics.firstByte != nil)
    }

    @Test func `skips interim answers and takes trailers for no head`() async throws {
        let server = try Server { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\n")
            peer.write("Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Late: 1\r\n\r\n")
        }
        let response = try await curl.send(.local("GET", server.url()))
        #expect(response.status == 200 && response.body == Array("ok".utf8))
        #expect(response.head["x-early"] == nil && response.head["x-late"] == nil)
    }

    @Test(arguments: [
        "http://127.0.0.1/a\r\nX-Evil: 1", "http://127.0.0.1/a b", "ftp://127.0.0.1/", "file:///etc/passwd",
        "gopher://127.0.0.1/", "127.0.0.1/", "", "http://", "http://user:secret@127.0.0.1/",
        "http://127.0.0.1/\u{0}", "dict://127.0.0.1:6379/",
        "http://127.0.0.1/" + String(repeating: "a", count: 9_000),
    ])
    func `with an address that is none is refused`(url: String) async throws {
        #expect(await fault { try await curl.send(.local("GET", url)) } == .invalid)
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-Evil: 1"), ("X-A", "b\nc"), ("X-A\r\nX-Evil", "1"), ("X A", "1"), ("", "1"),
        ("X-A:", "1"),
        ("X-A", "b\u{0}"), ("Content-Length", "5"), ("Transfer-Encoding", "chunked"),
    ])
    func `with a header that says more than one thing is refused`(name: String, value: String) async throws {
        let server = try Server { _ in Issue.record("The request was sent.") }
        var request = Curl.Request.local("GET", server.url())
        request.headers = [Curl.Header(name, value)]
        #expect(await fault { try await curl.send(request) } == .invalid)
        request.headers = []
        request.method = "GET / HTTP/1.1\r\nX:"
        #expect(await fault { try await curl.send(request) } == .invalid)
    }

    @Test func `is answered by the redirect itself unless redirects are allowed`() async throws {
        let server = try Server { peer in
            while let request = peer.request() {
                if request.path == "/end" {
                    peer.answer("200 OK", body: "end")
                } else {
                    peer.answer("302 Found", ["Location: /end"], body: "moved")
                }
            }
        }
        var request = Curl.Request.local("GET", server.url("/start"))
        let stopped = try await curl.send(request)
        #expect(
            stopped.status == 302 && stopped.head["location"] == "/end" && stopped.body == Array("moved".utf8)
        )
        request.redirects = 1
        let followed = try await curl.send(request)
        #expect(followed.status == 200 && followed.body == Array("end".utf8))
    }

    @Test func `is not sent where it is not wanted any more when the connection stands`() async throws {
        let heard = Record<Heard>()
        let server = try Server { peer in
            while let request = peer.request() {
                heard.add(request)
                peer.answer("200 OK")
            }
        }
        var request = Curl.Request.local("POST", server.url(), body: .bytes(Array("hello".utf8)))
        request.isWanted = { false }
        do {
            _ = try await curl.send(request)
            Issue.record("It was sent.")
        } catch let fault as Curl.Fault { #expect(!fault.mayHaveArrived && fault.kind == .closed) }
        request.isWanted = { true }
        #expect(try await curl.send(request).status == 200)
        #expect(heard.values.count == 1)
    }

    @Test func `is not followed round and round`() async throws {
        let server = try Server { peer in
            while peer.request() != nil { peer.answer("302 Found", ["Location: /"]) }
        }
        var request = Curl.Request.local("GET", server.url())
        request.redirects = 3
        #expect(await fault { try await curl.send(request) } == .redirected)
    }

    @Test func `keeps only as much of the answer as it asked for`() async throws {
        let server = try Server { peer in
            while peer.request() != nil {
                peer.answer("200 OK", body: String(repeating: "x", count: 100_000))
            }
        }
        var request = Curl.Request.local("GET", server.url())
        request.maxBytes = 99_999
        #expect(await fault { try await curl.send(request) } == .tooLarge)
        request.excess = .cut
        let cut = try await curl.send(request)
        #expect(cut.isCut && cut.status == 200 && cut.body.count == 99_999)
        request.maxBytes = 100_000
        let whole = try await curl.send(request)
        #expect(!whole.isCut && whole.body.count == 100_000)
    }

    @Test func `refuses a head without end`() async throws {
        let server = try Server { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\n")
            while peer.write("X-More: \(String(repeating: "y", count: 500))\r\n") {}
        }
        #expect(await fault { try await curl.send(.local("GET", server.url())) } == .tooLarge)
    }

    @Test func `fails when Curl is closed, before or meanwhile`() async throws {
        let own = Curl()
        let arrived = Record<Bool>()
        let server = try Server { peer in
            _ = peer.request()
            arrived.add(true)
            _ = peer.rest()
        }
        async let running = fault { try await own.send(.local("GET", server.url())) }
        _ = await arrived.wait(for: 1)
        own.close()
        #expect(await running == .closed)
        #expect(await fault { try await own.send(.local("GET", server.url())) } == .closed)
    }

    @Test func `works a thousand times at once`() async throws {
        let server = try Server { peer in
            while let request = peer.request() { peer.answer("200 OK", body: request.path) }
        }
        let curl = curl
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<1_000 {
                group.addTask {
                    let response = try await curl.send(.local("GET", server.url("/\(index)")))
                    return response.body == Array("/\(index)".utf8)
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(right == 1_000)
    }
}

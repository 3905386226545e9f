import Curl
import Foundation
import Testing

@Suite struct `A transfer that fails` {
    private let curl = Curl()

    private func thrown(_ request: Curl.Request) async -> Curl.Fault? {
        do {
            _ = try await curl.send(request)
            return nil
        } catch { return error as? Curl.Fault }
    }

    @Test func `says that nobody answers, and that nothing arrived`() async throws {
        let silence = try Silence()
        let fault = await thrown(.local("POST", "http://127.0.0.1:\(silence.port)/", body: .bytes([1])))
        #expect(fault?.kind == .unreachable && fault?.mayHaveArrived == false)
    }

    @Test func `says that a name has no address`() async throws {
        #expect(await thrown(.local("GET", "http://nowhere.invalid/"))?.kind == .unresolved)
    }

    @Test func `tells a slow connect, a late answer and a long one apart`() async throws {
        let server = try Server { peer in
            guard let request = peer.request() else { return }
            if request.path == "/drip" { peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345") }
            _ = peer.rest()
        }
        var request = Curl.Request.local("GET", server.url("/silent"))
        request.timeouts.firstByte = .milliseconds(150)
        #expect(await thrown(request)?.kind == .firstByteTimeout)
        request.url = server.url("/drip")
        request.timeouts = Curl.Request.Timeouts(total: .seconds(1))
        let late = await thrown(request)
        #expect(late?.kind == .totalTimeout && late?.mayHaveArrived == true)
        // The TLS handshake belongs to connecting, and this server never answers one.
        request.url = "https://127.0.0.1:\(server.port)/"
        request.timeouts = Curl.Request.Timeouts(connect: .milliseconds(150))
        let slow = await thrown(request)
        #expect(slow?.kind == .connectTimeout && slow?.mayHaveArrived == false)
    }

    @Test func `may have arrived when the connection breaks before the answer`() async throws {
        let server = try Server { peer in
            _ = peer.request()
            peer.cut(reset: true)
        }
        let fault = await thrown(.local("POST", server.url(), body: .bytes([1, 2, 3])))
        #expect(fault?.kind == .lost && fault?.mayHaveArrived == true)
    }

    @Test func `is no whole answer when it ends early`() async throws {
        let server = try Server { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
            peer.cut()
        }
        #expect(await thrown(.local("GET", server.url()))?.kind == .lost)
    }

    @Test(arguments: ["POST", "GET"])
    func `on a reused connection is repeated only when that does no harm`(method: String) async throws {
        let heard = Record<String>()
        let server = try Server { peer in
            guard let first = peer.request() else { return }
            heard.add(first.path)
            peer.answer("200 OK")
            // The second request on this connection is read and left without an answer.
            guard let second = peer.request() else { return }
            heard.add(second.path)
            peer.cut()
        }
        _ = try await curl.send(.local(method, server.url("/1"), body: .bytes([1])))
        let fault = await thrown(.local(method, server.url("/2"), body: .bytes([2])))
        if method == "POST" {
            #expect(heard.values == ["/1", "/2"])
            #expect(fault?.kind == .lost && fault?.mayHaveArrived == true)
        } else {
            #expect(heard.values == ["/1", "/2", "/2"])
            #expect(fault == nil)
        }
    }

    @Test func `ends at once when its task is cancelled, and lets the server know`() async throws {
        let arrived = Record<Bool>()
        let closed = Record<Bool>()
        let server = try Server { peer in
            _ = peer.request()
            arrived.add(true)
            _ = peer.rest()
            closed.add(true)
        }
        let curl = curl
        let task = Task { try await curl.send(.local("GET", server.url())) }
        _ = await arrived.wait(for: 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        _ = await closed.wait(for: 1)
    }

    @Test func `does not begin when its task is cancelled already`() async throws {
        let server = try Server { _ in Issue.record("A connection was made.") }
        let curl = curl
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await curl.send(.local("GET", server.url()))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

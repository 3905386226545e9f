import Curl
import Foundation
import Testing

@Suite struct `A streamed answer` {
    private let curl = Curl()
    private static let size = 64 << 20

    /// Sends `size` bytes as fast as they are taken; records how many were sent when nobody took any more.
    private func flood(_ stalls: Record<Int>, _ sent: Record<Int>) throws -> Server {
        try Server { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(Self.size)\r\n\r\n")
            let chunk = [UInt8](repeating: 7, count: 65_536)
            var count = 0
            var hasStalled = false
            while count < Self.size {
                if !hasStalled, !peer.isWritable(within: 500) {
                    hasStalled = true
                    stalls.add(count)
                }
                guard peer.write(chunk) else { break }
                count += chunk.count
            }
            sent.add(count)
        }
    }

    @Test func `begins before it ends`() async throws {
        let gate = Gate()
        let server = try Server { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            gate.pass()
            peer.write("3\r\none\r\n")
            gate.pass()
            peer.write("3\r\ntwo\r\n0\r\n\r\n")
        }
        let (head, body) = try await curl.stream(.local("GET", server.url()))
        #expect(head.status == 200)
        let iterator = body.makeAsyncIterator()
        gate.open()
        #expect(try await iterator.next() == Array("one".utf8))
        gate.open()
        #expect(try await iterator.next() == Array("two".utf8))
        #expect(try await iterator.next() == nil)
        #expect(body.metrics?.bytesDown == 6)
    }

    @Test func `holds the sender back while nobody reads, and still arrives whole`() async throws {
        let (stalls, sent) = (Record<Int>(), Record<Int>())
        let server = try flood(stalls, sent)
        var request = Curl.Request.local("GET", server.url())
        request.maxBytes = Self.size
        let (_, body) = try await curl.stream(request)
        // Nothing is read until the server has found that it cannot send any more.
        let stalledAt = await stalls.wait(for: 1)[0]
        #expect(stalledAt < Self.size / 2)
        let bound = Curl.Body.window + 65_536
        #expect(body.backlog >= Curl.Body.window && body.backlog <= bound)
        var count = 0
        var most = 0
        for try await piece in body {
            count += piece.count
            most = max(most, piece.count, body.backlog)
        }
        #expect(count == Self.size && most <= bound)
        #expect(await sent.wait(for: 1) == [Self.size])
    }

    @Test func `does not hold up others while it is paused`() async throws {
        let (stalls, sent) = (Record<Int>(), Record<Int>())
        let flooding = try flood(stalls, sent)
        let quick = try Server { peer in
            while peer.request() != nil { peer.answer("200 OK") }
        }
        var request = Curl.Request.local("GET", flooding.url())
        request.maxBytes = Self.size
        let (_, body) = try await curl.stream(request)
        _ = await stalls.wait(for: 1)
        #expect(try await curl.send(.local("GET", quick.url())).status == 200)
        #expect(body.backlog >= Curl.Body.window)
    }

    @Test(.timeLimit(.minutes(1))) func `ends when nobody holds it any more`() async throws {
        let (stalls, sent) = (Record<Int>(), Record<Int>())
        let server = try flood(stalls, sent)
        var request = Curl.Request.local("GET", server.url())
        request.maxBytes = Self.size
        // Longer than the test may take, so that it is not the timeout that ends the transfer.
        request.timeouts.total = .seconds(600)
        do {
            let (_, body) = try await curl.stream(request)
            _ = await stalls.wait(for: 1)
            #expect(body.backlog > 0)
        }
        #expect(await sent.wait(for: 1)[0] < Self.size)
    }

    @Test func `throws what broke it after what had arrived`() async throws {
        let server = try Server { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
            peer.cut()
        }
        let (_, body) = try await curl.stream(.local("GET", server.url()))
        var seen: [UInt8] = []
        let kind = await fault { for try await piece in body { seen += piece } }
        #expect(kind == .lost && seen == Array("12345".utf8))
    }

    @Test func `ends in the middle when its task is cancelled`() async throws {
        let closed = Record<Bool>()
        let server = try Server { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            _ = peer.rest()
            closed.add(true)
        }
        let (curl, seen) = (curl, Record<Int>())
        let task = Task {
            let (_, body) = try await curl.stream(.local("GET", server.url()))
            for try await piece in body { seen.add(piece.count) }
        }
        _ = await seen.wait(for: 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        _ = await closed.wait(for: 1)
    }
}

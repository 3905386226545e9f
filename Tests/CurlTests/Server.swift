import Foundation

/// A server of a test's own on a free loopback port; each connection is served on a thread of its own.
final class Server: Sendable {
    let port: UInt16
    private let listener: Int32

    /// `receiveBuffer`: bytes the system takes in for us, small to feel back-pressure soon.
    init(receiveBuffer: Int32? = nil, _ serve: @escaping @Sendable (Peer) -> Void) throws {
        let (listener, port) = try bound(receiveBuffer)
        guard listen(listener, 64) == 0 else { throw POSIXError(.EIO) }
        (self.listener, self.port) = (listener, port)
        Thread.detachNewThread {
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                let peer = Peer(connection)
                Thread.detachNewThread { serve(peer) }
            }
            // Closed by the one who uses it: its number may belong to another server right after.
            close(listener)
        }
    }

    /// Nobody can connect any more, and the thread ends.
    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    func url(_ path: String = "/", host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }
}

/// A port of this machine that is taken, and where nobody listens.
final class Silence: Sendable {
    let port: UInt16
    private let holder: Int32

    init() throws { (holder, port) = try bound(nil) }

    deinit { close(holder) }
}

/// A socket on a free loopback port, and that port.
private func bound(_ receiveBuffer: Int32?) throws -> (Int32, UInt16) {
    let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if var receiveBuffer {
        setsockopt(holder, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(holder, $0, length) == 0 && getsockname(holder, $0, &length) == 0
        }
    }
    guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    return (holder, UInt16(bigEndian: address.sin_port))
}

/// One connection of a server, used by the thread that serves it.
final class Peer: @unchecked Sendable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where in `buffer` that begins which is not taken yet.
    private var start = 0
    private var isOpen = true

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { if isOpen { close(descriptor) } }

    /// Closes the connection; `reset` throws away what is on its way, as a crash would.
    func cut(reset: Bool = false) {
        guard isOpen else { return }
        if reset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        close(descriptor)
        isOpen = false
    }

    /// The next line without its end, nil once the other side has closed.
    func line() -> String? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return String(decoding: buffer[start..<end].filter { $0 != 0x0D }, as: UTF8.self)
            }
            let left = buffer.count - start
            guard fill() else { return nil }
            searched = start + left
        }
    }

    /// The next `count` bytes, fewer if the other side closes.
    func bytes(_ count: Int) -> [UInt8] {
        while buffer.count - start < count, fill() {}
        let end = min(start + count, buffer.count)
        defer { start = end }
        return Array(buffer[start..<end])
    }

    /// Reads what there is until the other side closes.
    func rest() -> [UInt8] {
        while fill() {}
        defer { start = buffer.count }
        return Array(buffer[start...])
    }

    /// Reads some more; what was taken already is let go of.
    private func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer.removeFirst(start)
        start = 0
        buffer += chunk.prefix(count)
        return true
    }

    @discardableResult func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    @discardableResult func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// False when the other side takes nothing for `milliseconds`.
    func isWritable(within milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&wanted, 1, milliseconds) > 0
    }
}

/// A request as the server read it.
struct Heard: Sendable {
    let method: String
    let path: String
    let headers: [String: String]
    let body: [UInt8]
}

extension Peer {
    /// The next request on this connection, nil when there is none.
    func request() -> Heard? {
        guard let first = line() else { return nil }
        let words = first.split(separator: " ").map(String.init)
        var headers: [String: String] = [:]
        while let line = line(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] =
                parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        let body = bytes(Int(headers["content-length"] ?? "0") ?? 0)
        return words.count == 3 ? Heard(method: words[0], path: words[1], headers: headers, body: body) : nil
    }

    @discardableResult func answer(_ status: String, _ headers: [String] = [], body: String = "") -> Bool {
        let head = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)", "", ""]
        return write(head.joined(separator: "\r\n") + body)
    }
}

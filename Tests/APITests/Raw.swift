import Foundation

@testable import API

/// A caller that speaks HTTP by hand, to say what no proper client says.
private struct RawCaller: Sendable {
    private let handle: FileHandle

    init(port: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw POSIXError(.ECONNREFUSED) }
    }

    func say(_ text: String) throws { try handle.write(contentsOf: Data(text.utf8)) }

    func hangUp() throws { try handle.close() }

    /// The status of the answer; blocks until it comes, so it waits on a thread that is not the tests'.
    func status() async -> Int {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let words = String(decoding: handle.availableData, as: UTF8.self).split(separator: " ")
                continuation.resume(returning: words.dropFirst().first.flatMap { Int($0) } ?? 0)
            }
        }
    }
}

extension Running {
    private func caller() throws -> RawCaller {
        try RawCaller(port: base.split(separator: ":").last.flatMap { UInt16($0) } ?? 0)
    }

    private func head(_ path: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key)\r\n"
    }

    /// Sends a body whose length is not told beforehand; the status that comes back.
    func chunked(_ path: String, pieces: Int, of size: Int) async throws -> Int {
        let caller = try caller()
        let piece = String(size, radix: 16) + "\r\n" + String(repeating: "x", count: size) + "\r\n"
        let body = String(repeating: piece, count: pieces) + "0\r\n\r\n"
        try caller.say(head(path) + "Transfer-Encoding: chunked\r\n\r\n" + body)
        return await caller.status()
    }

    /// Sends a part of a body, waits for `meanwhile`, and hangs up.
    func breakOff(
        _ path: String, after part: Int, of size: Int, meanwhile: () async throws -> Void
    ) async throws {
        let caller = try caller()
        let body = String(repeating: "x", count: part)
        try caller.say(head(path) + "Content-Length: \(size)\r\n\r\n" + body)
        try await meanwhile()
        try caller.hangUp()
    }
}

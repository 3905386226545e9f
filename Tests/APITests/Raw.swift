import Foundation

@testable import API

extension Running {
    /// Sends a body whose length is not told beforehand, over a socket of its own; the status that comes back.
    func chunked(_ path: String, pieces: Int, of size: Int) async throws -> Int {
        let port = base.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
        let head = "POST \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key)\r\n"
        let piece = String(size, radix: 16) + "\r\n" + String(repeating: "x", count: size) + "\r\n"
        let text =
            head + "Transfer-Encoding: chunked\r\n\r\n" + String(repeating: piece, count: pieces)
            + "0\r\n\r\n"
        return try await withCheckedThrowingContinuation { continuation in
            // Sockets block, so they are talked to on a thread that is not the tests'.
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Self.exchange(text, port: port) })
            }
        }
    }

    private static func exchange(_ text: String, port: UInt16) throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
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
        try handle.write(contentsOf: Data(text.utf8))
        let answer = String(decoding: handle.availableData, as: UTF8.self)
        return answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

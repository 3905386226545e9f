import Automation
import Core
import Crypto
import Foundation
import Hummingbird
import NIOCore

/// Takes uploads from the wire to the disk, piece by piece.
struct Receiver: Sendable {
    /// An upload that arrived whole.
    struct Upload: Sendable {
        let id: ID
        let bytes: Int
        let sha256: String
    }

    private let uploads: Uploads
    /// Files that one workspace keeps at once.
    private let most: Int
    /// Files are written on threads of their own: a slow disk must not hold up requests.
    private let disk = DispatchQueue(label: "uploads", attributes: .concurrent)

    init(_ uploads: Uploads, most: Int = Limits.uploads) {
        self.uploads = uploads
        self.most = most
    }

    /// Throws 413 when the body is longer than `limit`; then, and when the caller hangs up, nothing stays.
    func receive(_ body: RequestBody, _ workspace: ID, limit: Int) async throws -> Upload {
        let id = ID()
        let file = try await onDisk { [most] uploads in
            try Self.checkRoom(uploads, workspace, most)
            return try uploads.create(workspace, id)
        }
        do {
            return try await copy(body, to: file, id, limit: limit)
        } catch {
            try await discard(workspace, id)
            throw error
        }
    }

    func discard(_ workspace: ID, _ id: ID) async throws {
        try await onDisk { try $0.discard(workspace, id) }
    }

    /// False when there is no such upload.
    func exists(_ workspace: ID, _ id: ID) async throws -> Bool {
        try await onDisk { FileManager.default.fileExists(atPath: $0.path(workspace, id)) }
    }

    /// The first bytes of a file. Throws `Failure(.missing)`.
    func read(_ workspace: ID, _ id: ID, upTo limit: Int) async throws -> [UInt8] {
        try await onDisk { uploads in
            let file = try uploads.open(workspace, id)
            defer { try? file.close() }
            return Array(try file.read(upToCount: limit) ?? Data())
        }
    }

    private func copy(_ body: RequestBody, to file: FileHandle, _ id: ID, limit: Int) async throws -> Upload {
        var (hash, count) = (SHA256(), 0)
        var chunks = body.makeAsyncIterator()
        while let chunk = try await chunks.arrival() {
            let bytes = Data(chunk.readableBytesView)
            count += bytes.count
            guard count <= limit else { throw Problem.tooLarge("An upload", limit: limit) }
            hash.update(data: bytes)
            try await onDisk { _ in try file.write(contentsOf: bytes) }
        }
        guard count > 0 else {
            throw Problem.senseless(Failure(.invalid, "The body is empty; send the file."))
        }
        // What is answered with 201 survives a power cut.
        try await onDisk { _ in
            try file.synchronize()
            try file.close()
        }
        return Upload(id: id, bytes: count, sha256: Hex.text(hash.finalize()))
    }

    private static func checkRoom(_ uploads: Uploads, _ workspace: ID, _ most: Int) throws {
        let folder = "\(uploads.folder)/\(workspace.text)"
        guard FileManager.default.fileExists(atPath: folder) else { return }
        guard try FileManager.default.contentsOfDirectory(atPath: folder).count < most else {
            throw Failure(.limited, "There are \(most) files in this workspace already. Delete some.")
        }
    }

    private func onDisk<Value: Sendable>(
        _ work: @escaping @Sendable (Uploads) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            disk.async {
                continuation.resume(with: Result { try Self.translating { try work(uploads) } })
            }
        }
    }

    private static func translating<Value>(_ work: () throws -> Value) throws -> Value {
        do { return try work() } catch let error as CocoaError {
            throw Failure(
                .unavailable, "The upload cannot be stored now.", cause: error, retryAfter: .seconds(30))
        }
    }
}

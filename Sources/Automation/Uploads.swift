import Core
import Foundation

/// The files that callers uploaded for their jobs, one folder a workspace.
///
/// The folder must be on a disk that the API and the workers share.
package struct Uploads: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// Where the upload lies, there or not. Both parts are ids, so nothing can lead out of the folder.
    package func path(_ workspace: ID, _ id: ID) -> String { "\(folder)/\(workspace.text)/\(id.text)" }

    /// Opens an upload for reading. Throws `Failure(.missing)`.
    package func open(_ workspace: ID, _ id: ID) throws -> FileHandle {
        guard let handle = FileHandle(forReadingAtPath: path(workspace, id)) else {
            throw Failure(.missing, "There is no upload \(id).", at: "/arguments/upload_id")
        }
        return handle
    }

    /// Makes the file of a new upload. Throws `Failure(.unavailable)` when the disk refuses.
    package func create(_ workspace: ID, _ id: ID) throws -> FileHandle {
        let path = path(workspace, id)
        do {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(workspace.text)", withIntermediateDirectories: true)
        } catch { throw Failure(.unavailable, "The upload cannot be stored.", cause: error) }
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw Failure(.unavailable, "The upload cannot be stored.") }
        return handle
    }

    /// Removes an upload that did not arrive whole.
    package func discard(_ workspace: ID, _ id: ID) throws {
        try FileManager.default.removeItem(atPath: path(workspace, id))
    }
}

import Automation
import Core
import Foundation
import Store
import Work
import Workspace

/// Imports tasks from an uploaded CSV file of any size.
///
/// It reads piece by piece, keeps its place in the database together with the tasks it made, and goes on
/// there when it starts again, so each row becomes one task however often the job runs. Bad rows are listed
/// with line and reason.
struct ImportTasks: Job {
    static let name = "import_tasks"
    static let policy = Policy(attempts: 5, timeout: .seconds(3_600))

    /// The file, as `POST /api/uploads` named it.
    let upload_id: ID
    /// The project of rows that name none.
    let project_id: ID?

    /// Bytes read at a time.
    static let chunk = 65_536
    /// Rows written in one transaction.
    static let batch = 200

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let workspace = try context.owner
        let file = try context.tools.uploads.open(workspace, upload_id)
        defer { try? file.close() }
        let size = Int(try file.seekToEnd())
        let known = try await context.tools.store.imports.load(workspace, job: context.id)
        let checkpoint =
            known ?? Store.Imports.Checkpoint(workspace: workspace, job: context.id, importedAt: context.now)
        let (rows, place) = try open(file, at: checkpoint, context)
        var reader = place
        var desk = ImportDesk(store: context.tools.store, project: project_id, checkpoint: checkpoint)
        while true {
            try Task.checkCancellation()
            let bytes = try file.read(upToCount: Self.chunk) ?? Data()
            let records = bytes.isEmpty ? reader.finish() : reader.feed(bytes)
            for part in records.chunks(of: Self.batch) {
                try await desk.write(part.map { ($0, rows.row($0)) })
                try await context.progress(desk.percent(of: size), desk.summary)
            }
            if bytes.isEmpty { break }
        }
        return .result(desk.result(ignored: rows.ignored))
    }

    /// Reads the header, then stands where the checkpoint says.
    private func open(
        _ file: FileHandle, at checkpoint: Store.Imports.Checkpoint, _ context: Context<Tools>
    ) throws -> (TaskImport, CSV) {
        try file.seek(toOffset: 0)
        var header = CSV()
        var first: CSV.Record?
        while first == nil {
            let bytes = try file.read(upToCount: Self.chunk) ?? Data()
            first = (bytes.isEmpty ? header.finish() : header.feed(bytes)).first
            if bytes.isEmpty, first == nil {
                throw Failure(.invalid, "The file is empty; it needs a header line.")
            }
        }
        guard let first, let shape = header.shape else {
            throw Failure(.invalid, "The file has no header line.")
        }
        let rows = try TaskImport(header: first, job: context.id, importedAt: checkpoint.importedAt)
        let place =
            checkpoint.offset == 0
            ? first.next : CSV.Position(offset: checkpoint.offset, line: checkpoint.line)
        try file.seek(toOffset: UInt64(place.offset))
        return (rows, CSV(shape: shape, at: place))
    }
}

extension Context<Tools> {
    /// The workspace the job belongs to.
    var owner: ID {
        get throws {
            guard let id = ID(workspace) else { throw Failure(.invalid, "The job belongs to no workspace.") }
            return id
        }
    }
}

extension Array {
    /// The elements in pieces of `size`, the last one shorter.
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}

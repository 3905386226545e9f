import Automation
import Core
import Foundation
import Store
import Work
import Workspace

/// Imports tasks from an uploaded file: CSV of any size, or JSON of up to 16 MB.
///
/// It reads CSV piece by piece, keeps its place in the database together with the tasks it made, and goes on
/// there when it starts again, so each row becomes one task however often the job runs. Bad rows are listed
/// with line and reason.
struct ImportTasks: Job {
    static let name = "import_tasks"
    static let area = "tasks"
    static let policy = Policy(attempts: 5, timeout: .seconds(3_600))

    /// The file, as `POST /api/uploads` named it.
    let upload_id: ID
    /// The project of rows that name none.
    let project_id: ID?

    /// Bytes read at a time.
    static let chunk = 65_536
    /// Rows written in one transaction.
    static let batch = 200
    /// Bytes of a JSON file, which is read at once.
    static let mostJSON = 16_777_216

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let workspace = try context.owner
        let file = try context.tools.uploads.open(workspace, upload_id)
        defer { try? file.close() }
        let known = try await context.tools.store.imports.load(workspace, job: context.id)
        let checkpoint =
            known ?? Store.Imports.Checkpoint(workspace: workspace, job: context.id, importedAt: context.now)
        let desk = ImportDesk(store: context.tools.store, project: project_id, checkpoint: checkpoint)
        if try isJSON(file) { return try await run(JSONFile(file, checkpoint, context.id), desk, context) }
        return try await run(file, desk, checkpoint, context)
    }

    private func run(
        _ file: FileHandle, _ desk: ImportDesk, _ checkpoint: Store.Imports.Checkpoint,
        _ context: Context<Tools>
    ) async throws -> Outcome {
        var desk = desk
        let size = Int(try file.seekToEnd())
        let (rows, place) = try open(file, at: checkpoint, context)
        var reader = place
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

    private func run(
        _ file: JSONFile, _ desk: ImportDesk, _ context: Context<Tools>
    ) async throws -> Outcome {
        var desk = desk
        for part in file.records.chunks(of: Self.batch) {
            try Task.checkCancellation()
            try await desk.write(part.map { ($0, file.rows.row($0)) })
            try await context.progress(desk.percent(of: file.count), desk.summary)
        }
        return .result(desk.result(ignored: []))
    }

    /// True when the file begins as a JSON list or object does.
    private func isJSON(_ file: FileHandle) throws -> Bool {
        try file.seek(toOffset: 0)
        let first = try (file.read(upToCount: 64) ?? Data()).first { $0 > 0x20 }
        return first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
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

/// A JSON file of tasks, from where its import stands.
private struct JSONFile {
    let rows: TaskImport
    /// Those that are not done yet.
    let records: [CSV.Record]
    /// All of them.
    let count: Int

    init(_ file: FileHandle, _ checkpoint: Store.Imports.Checkpoint, _ job: ID) throws {
        try file.seek(toOffset: 0)
        let bytes = Array(try file.read(upToCount: ImportTasks.mostJSON + 1) ?? Data())
        guard bytes.count <= ImportTasks.mostJSON else {
            throw Failure(
                .invalid, "A JSON file may have \(ImportTasks.mostJSON) bytes; send a larger one as CSV.")
        }
        let document: JSON
        do { document = try JSONParser.parse(bytes) } catch let fault as JSONParser.Fault {
            throw Failure(.invalid, "The file is no JSON: \(fault).")
        }
        let all = try TaskImport.rows(of: document)
        rows = try TaskImport(ofJSON: job, importedAt: checkpoint.importedAt)
        count = all.count
        records = all.enumerated().dropFirst(checkpoint.offset)
            .map { TaskImport.record($0.element, line: $0.offset + 1) }
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

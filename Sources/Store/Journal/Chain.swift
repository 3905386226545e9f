import Core
import Crypto
import Foundation
import SQL

extension Store.Journal {
    /// A place in the chain of a workspace.
    package struct Link: Sendable, Hashable {
        /// 1 for the first.
        package let position: Int
        /// SHA-256 in hex, over the hash before it and the entry.
        package let hash: String
        package let entry: Entry
    }

    /// What a link's hash is made of where there is none before it.
    static let origin = String(repeating: "0", count: 64)

    /// The hash of an entry's columns behind the one before it.
    static func hash(of columns: [Value], after previous: String) -> String {
        let text = JSON.array(columns.map(\.json)).text
        return Hex.text(SHA256.hash(data: Data((previous + "\n" + text).utf8)))
    }

    /// Gives each entry the next place in the chain of its workspace; under the lock of a turn.
    func extend(by entries: [Entry]) async throws {
        for (workspace, some) in Dictionary(grouping: entries, by: \.workspace) {
            let (position, hash) = try await head(of: workspace)
            var previous = hash
            let rows = some.enumerated().map { index, entry -> [Value] in
                previous = Self.hash(of: entry.values, after: previous)
                return [
                    Value(workspace), Value(position + index + 1), Value(entry.id), .text(previous),
                ]
            }
            try await access.insert(into: "audit_chain", "workspace_id, position, entry_id, hash", rows)
        }
    }

    /// The last place of a chain and its hash.
    func head(of workspace: ID) async throws -> (position: Int, hash: String) {
        let heads = try await access.query(
            "select position, hash from audit_chain where workspace_id = $1 order by position desc limit 1",
            [Value(workspace)]
        ) { (try $0.get("position", as: Int.self), try $0.get("hash", as: String.self)) }
        return heads.first.map { (position: $0.0, hash: $0.1) } ?? (0, Self.origin)
    }
}

extension Store.Journal.Link {
    init(row: Row) throws {
        self.init(
            position: try row.get("position"), hash: try row.get("hash"),
            entry: try Store.Journal.Entry(row: row))
    }
}

extension Value {
    /// The column as it is hashed. Bytes are in no column of the journal.
    fileprivate var json: JSON {
        switch self {
        case .null, .blob: .null
        case .integer(let number): .integer(number)
        case .real(let number): .double(number)
        case .text(let text): .string(text)
        }
    }
}

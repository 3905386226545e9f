import Foundation
import Logging

/// Opens databases by their URL.
package enum Databases {
    /// Opens `sqlite:///path`, `sqlite::memory:` or `postgres://user:password@host:port/database`.
    ///
    /// - Parameter connections: how many to hold, at least 2. PostgreSQL gives half to single statements,
    ///   which share a pipeline, and half to transactions. SQLite has one that writes; the others read.
    package static func open(
        _ url: String, connections: Int = 4, log: Logger, limits: Limits = Limits()
    ) async throws -> any Database {
        let address = try Address(url)
        let database = Pooled(address, connections: max(2, connections), limits: limits, log: log)
        do {
            try await database.greet()
            return database
        } catch {
            await database.close()
            throw error
        }
    }

    /// The URL with its password replaced.
    package static func masked(_ url: String) -> String { Address.mask(url) }
}

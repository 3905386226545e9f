import Core

extension Queue {
    /// Puts the dead jobs among these back on their lists, with all their attempts before them.
    ///
    /// They move in steps of `batchLimit`; after an error some may have moved, and the same call moves the
    /// rest.
    /// - Returns: how many moved.
    public func revive(_ ids: [ID]) async throws -> Int {
        try await inSteps(ids) { try await run(Scripts.revive, $0) }
    }

    /// Puts a dead job back where it waits. False when it is not dead.
    public func retry(_ id: ID) async throws -> Bool { try await revive([id]) == 1 }

    /// Puts the dead jobs that pass back on their lists; the number that moved.
    public func retry(matching filter: DeadFilter) async throws -> Int {
        try await revive(try await dead(matching: filter))
    }
}

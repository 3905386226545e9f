import SQL
import Testing

/// The fault that `work` ends with, or nil.
func fault(_ work: () async throws -> some Any) async -> SQLFault? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? SQLFault
    }
}

/// Expects that `work` ends with a fault of this kind.
func refuses(
    _ kind: SQLFault.Kind, at place: SourceLocation = #_sourceLocation, _ work: () async throws -> some Any
) async {
    let found = await fault(work)
    #expect(found?.kind == kind, "\(String(describing: found))", sourceLocation: place)
}

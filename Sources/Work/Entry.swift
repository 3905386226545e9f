import Core

extension Catalogue {
    /// One kind of job as the catalogue keeps it, its own type forgotten.
    struct Entry: Sendable {
        let policy: Policy
        let version: Int
        let area: String
        let check: @Sendable (JSON) throws -> Void
        let run: @Sendable (Envelope, Context<Tools>) async throws -> Outcome
        let exhausted: @Sendable (Envelope, Failure, Context<Tools>) async throws -> Void

        init<Kind: Job<Tools>>(_ job: Kind.Type) {
            policy = job.policy
            version = job.version
            area = job.area
            check = { _ = try $0.decode(Kind.self, at: "/arguments") }
            run = { try await Self.make(job, of: $0).run($1) }
            exhausted = { try await Kind.exhausted(try? Self.make(job, of: $0), $1, $2) }
        }

        private static func make<Kind: Job<Tools>>(_ job: Kind.Type, of envelope: Envelope) throws -> Kind {
            let arguments = try JSONParser.parse(envelope.arguments)
            let fitting =
                envelope.version < job.version
                ? try job.upcast(arguments, from: envelope.version) : arguments
            return try fitting.decode(Kind.self, at: "/arguments")
        }
    }
}

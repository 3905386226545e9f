import Core

/// A kind of work: its stored properties are its arguments, `run` does it.
///
///     struct GreetUser: Job {
///         static let name = "greet_user"
///         let address: String
///         func run(_ context: Context<Tools>) async throws -> Outcome { ... }
///     }
public protocol Job<Tools>: Codable, Sendable {
    /// What the program gives its jobs: a store, services, a ledger.
    associatedtype Tools: Sendable

    /// The name in requests and in Redis: a literal that never changes, snake_case.
    static var name: String { get }
    /// The version of the arguments' shape, from 1; raise it with every change that old arguments do not fit.
    static var version: Int { get }
    /// What the job promises about failing.
    static var policy: Policy { get }
    /// What it changes, as the scopes of keys call it, such as `tasks`: who has it started by its name needs
    /// `<area>:write` beside `jobs:write`.
    static var area: String { get }

    /// Brings arguments of an earlier version to this one. Jobs of a later version wait for a newer worker.
    static func upcast(_ arguments: JSON, from version: Int) throws -> JSON

    /// Does the work of one attempt. It may run more than once, also after it finished: make it repeatable.
    ///
    /// Throw a `Failure` to say whether another try makes sense; other errors count as worth retrying.
    /// `Task.isCancelled` turns true on a timeout, a cancel, a lost lease and at the end of the drain;
    /// `context.stop` says which.
    func run(_ context: Context<Tools>) async throws -> Outcome

    /// Is called once when the job has failed for the last time, before it becomes a dead letter.
    ///
    /// It may take `Runner.farewellLimit`. What it throws is logged and changes nothing; after a crash of the
    /// worker it may be called again.
    /// - Parameter job: nil where the arguments cannot be read.
    static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Tools>) async throws
}

extension Job {
    public static var version: Int { 1 }
    public static var policy: Policy { Policy() }
    /// Nothing but what jobs are.
    public static var area: String { "jobs" }

    /// Refuses: what old arguments mean in a new version, only the job can say.
    public static func upcast(_ arguments: JSON, from version: Int) throws -> JSON {
        throw Failure(
            .broken,
            "The job \(name) has version \(Self.version) and no step up from version \(version).")
    }

    public static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Tools>) async throws {}
}

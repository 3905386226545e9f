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
    /// What the job promises about failing.
    static var policy: Policy { get }

    /// Does the work of one attempt. It may run more than once, also after it finished: make it repeatable.
    ///
    /// Throw a `Failure` to say whether another try makes sense; other errors count as worth retrying.
    /// `Task.isCancelled` turns true on a timeout, a cancel, a lost lease and at the end of the drain.
    func run(_ context: Context<Tools>) async throws -> Outcome
}

extension Job {
    public static var policy: Policy { Policy() }
}

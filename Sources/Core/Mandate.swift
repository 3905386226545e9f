/// The right of the attempt that runs in a task to touch the outside, which ends with the attempt's lease.
package struct Mandate: Sendable {
    // A value of its own type: the optimizer of Swift 6.3 crashes over a task-local that is a function.
    @TaskLocal private static var current = Mandate { true }

    private let check: @Sendable () -> Bool

    private init(_ check: @escaping @Sendable () -> Bool) { self.check = check }

    /// False once another worker may have taken the job over, by this machine's clock; always true where no
    /// attempt runs. Asked right before the first byte goes out.
    package static var holds: @Sendable () -> Bool { current.check }

    /// Runs `body` under a mandate that holds as long as `check` says so.
    package static func during<T: Sendable>(
        _ check: @escaping @Sendable () -> Bool, _ body: () async -> T
    ) async -> T {
        await $current.withValue(Mandate(check), operation: body)
    }
}

/// The right of the attempt that runs in a task to touch the outside, which ends with the attempt's lease.
package enum Mandate {
    /// False once another worker may have taken the job over, by this machine's clock; always true where no
    /// attempt runs. Asked right before the first byte goes out.
    @TaskLocal package static var holds: @Sendable () -> Bool = { true }
}

/// Why a running attempt is told to stop.
public enum Stop: Sendable, Hashable {
    /// It ran longer than its timeout, or past the job's deadline.
    case timedOut
    /// Somebody cancelled the job, for this reason.
    case cancelled(String)
    /// The worker stops, and the attempt did not end within the drain.
    case drained
    /// The lease went to another worker.
    case lost
}

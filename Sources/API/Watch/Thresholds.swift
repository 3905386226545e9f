extension API {
    /// Beyond which an alert is raised.
    package struct Thresholds: Sendable {
        /// How long the oldest job that may run has waited.
        package var jobWait_s = 300.0
        /// How long the turn of a schedule is over without its firing.
        package var scheduleDelay_s = 60.0
        /// How long a change is not announced, or a durable job not pushed.
        package var lag_s = 30.0
        /// How long the database takes for one small question.
        package var databaseLatency_s = 0.5
        /// The share of Redis' memory that is used.
        package var memoryShare = 0.85

        package init() {}
    }
}

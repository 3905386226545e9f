extension Alarm {
    /// Every alarm there is.
    static func all(_ limits: API.Thresholds) -> [Alarm] { redis(limits) + database(limits) + work(limits) }

    private static func redis(_ limits: API.Thresholds) -> [Alarm] {
        [
            Alarm(
                name: "redis_down", severity: .critical, part: "redis",
                advice:
                    "Redis does not answer a script, or throws keys away. Start it, and see to its address."),
            Alarm(
                name: "redis_evicts", severity: .critical, part: "redis", detail: "evicts",
                advice:
                    "Redis would throw jobs away when its memory is full. Set maxmemory-policy noeviction."),
            Alarm(
                name: "redis_without_aof", severity: .warning, part: "redis", detail: "append_only_file",
                threshold: 1, isBelow: true,
                advice: "A restart of Redis would lose jobs. Set appendonly yes."),
            Alarm(
                name: "redis_aof_failing", severity: .critical, part: "redis",
                detail: "append_only_file_sound", threshold: 1, isBelow: true,
                advice: "Redis cannot write its append-only file. Look at its disk and its log."),
            Alarm(
                name: "redis_memory_high", severity: .warning, part: "redis", detail: "memory_share",
                threshold: limits.memoryShare,
                advice: "New jobs are refused soon. Add workers, raise maxmemory, or shorten the retention."),
        ]
    }

    private static func database(_ limits: API.Thresholds) -> [Alarm] {
        [
            Alarm(
                name: "database_down", severity: .critical, part: "database",
                advice: "The database does not answer. Start it, and look at its address and connections."),
            Alarm(
                name: "database_slow", severity: .warning, part: "database", detail: "latency_seconds",
                threshold: limits.databaseLatency_s,
                advice: "A small question takes long. Look at its load, its disk and its locks."),
            Alarm(
                name: "migrations_pending", severity: .warning, part: "database",
                detail: "pending_migrations",
                advice: "The schema is older than this program. Run atom migrate."),
            Alarm(
                name: "outbox_lags", severity: .warning, part: "outbox", detail: "lag_seconds",
                threshold: limits.lag_s,
                advice: "Durable jobs do not reach their queues. See that workers run and Redis takes jobs."),
            Alarm(
                name: "announcements_lag", severity: .warning, part: "announcements", detail: "lag_seconds",
                threshold: limits.lag_s,
                advice: "Changes are not told live. See that Redis answers and an API or a worker runs."),
        ]
    }

    private static func work(_ limits: API.Thresholds) -> [Alarm] {
        [
            Alarm(
                name: "workers_missing", severity: .critical, part: "workers", detail: "count", threshold: 1,
                isBelow: true, advice: "Jobs are accepted and not done. Start a worker."),
            Alarm(
                name: "relay_missing", severity: .warning, part: "relay", detail: "count", threshold: 1,
                isBelow: true, advice: "Nobody hears of events as they happen. Start a relay."),
            Alarm(
                name: "jobs_wait_long", severity: .warning, part: "backlog",
                detail: "oldest_waiting_seconds", threshold: limits.jobWait_s,
                advice: "The oldest job waits long. Add workers, or see which limit or pause holds it."),
            Alarm(
                name: "schedule_overdue", severity: .warning, part: "schedules", detail: "overdue",
                advice: "Schedules do not fire in time. See that a worker runs."),
            Alarm(
                name: "breaker_open", severity: .warning, part: "limits", detail: "breakers_open",
                advice: "Calls to a service outside fail, so that jobs wait. See GET /api/limits."),
        ]
    }
}

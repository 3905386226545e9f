/// The numbers an analysis judges by; each finding names those it used.
package struct Thresholds: Sendable, Hashable {
    /// An overdue task is critical from so many days on.
    package var overdueCriticalDays = 7
    /// Work in progress is stale after so many days without a change.
    package var staleDays = 14
    /// What one person can do in a week, in hours.
    package var capacityHours = 40.0
    /// How far ahead load and due dates are looked at, in days.
    package var horizonDays = 14
    /// A person with less than this share of the horizon's capacity open has room.
    package var idleShare = 0.25
    /// All of a person's open work may fill so many weeks.
    package var backlogWeeks = 4.0
    /// Titles this similar (Jaccard index of their words) are taken for the same task.
    package var similarity = 0.75
    /// Throughput is counted over so many weeks back.
    package var weeks = 8
    /// A forecast needs at least so many tasks finished in those weeks.
    package var leastCompleted = 10
    /// A forecast needs at least so many weeks of history.
    package var leastWeeks = 3
    /// Runs of each forecast.
    package var trials = 5_000
    /// A forecast gives up beyond so many weeks.
    package var forecastWeeks = 260
    /// At most so many projects are forecast, those with the nearest deadlines and the most open tasks.
    package var forecasts = 50
    /// A task that so many others wait for deserves a high priority.
    package var blocksMany = 3
    /// A low priority is too low when the task is due within so many days.
    package var dueSoonDays = 3
    /// A high priority on an untouched task is doubted after so many days.
    package var doubtfulDays = 30
    /// Of each kind, so many findings are listed; all are counted.
    package var listed = 25
    /// A finding names at most so many tasks; all are counted.
    package var evidence = 20

    package init() {}
}

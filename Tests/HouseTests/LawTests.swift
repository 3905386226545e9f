import Testing

/// Holds the five laws over the whole repository; each fault is one plain sentence.
@Suite struct `The house` {
    private let house = House.ours
    private var sources: [Source] { house.sources(in: "Sources", "jobs", "Tests") }

    @Test func `has arrows that only point down`() {
        report(Arrows.faults(in: house.plan) + sources.flatMap { Arrows.faults(in: $0, house.plan) })
    }

    @Test func `keeps one thing in one file`() {
        report(OneThing.faults(in: house))
    }

    @Test func `is built of small pieces`() {
        print("The house: \(Sizes.medians(in: house)).")
        report((sources + [house["Package.swift"]].compactMap { $0 }).flatMap(Sizes.faults))
    }

    @Test func `calls things by their names`() {
        report(sources.flatMap(Names.faults) + Names.statuses(in: house))
    }

    @Test func `explains what it offers`() {
        report(sources.flatMap(Documents.faults) + Documents.settings(in: house))
    }

    private func report(_ faults: [String]) {
        for fault in faults { Issue.record(Comment(rawValue: fault)) }
    }
}

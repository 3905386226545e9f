/// Percentiles by nearest rank: each is a value that was really seen.
enum Percentile {
    /// The value that `share` (0...1) of `sorted` does not exceed; nil when there is none.
    static func of<Value>(_ sorted: [Value], _ share: Double) -> Value? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}

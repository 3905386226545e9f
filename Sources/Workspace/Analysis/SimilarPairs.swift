/// Finds the sets of words that are alike, without comparing each with each.
///
/// Two sets with a Jaccard index of at least `least` must share one of their few rarest words (prefix
/// filtering), so only sets that meet under such a word are compared.
struct SimilarPairs {
    /// Under one word at most so many earlier sets are compared; a word more frequent than that says little.
    static let candidateLimit = 200

    struct Pair: Hashable {
        let first: Int
        let second: Int
        let similarity: Double
    }

    /// Words as numbers, the rarest lowest; each set sorted.
    private let sets: [[Int32]]
    private let least: Double

    init(_ titles: [TitleWords], least: Double) {
        self.least = least
        var counts: [String: Int] = [:]
        for title in titles { for word in title.words { counts[word, default: 0] += 1 } }
        let ranked = counts.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        var numbers: [String: Int32] = [:]
        for (number, entry) in ranked.enumerated() { numbers[entry.key] = Int32(number) }
        sets = titles.map { title in title.words.compactMap { numbers[$0] }.sorted() }
    }

    /// The pairs that are alike, by their places in what was handed in.
    func find() -> [Pair] {
        var seenUnder: [Int32: [Int]] = [:]
        var pairs: [Pair] = []
        // Shorter sets first, so that each set meets only sets no longer than itself.
        for place in sets.indices.sorted(by: { (sets[$0].count, $0) < (sets[$1].count, $1) }) {
            let prefix = prefix(of: sets[place])
            let candidates = Set(prefix.flatMap { (seenUnder[$0] ?? []).suffix(Self.candidateLimit) })
            for other in candidates.sorted() {
                guard let similarity = compare(other, place) else { continue }
                pairs.append(
                    Pair(first: min(other, place), second: max(other, place), similarity: similarity))
            }
            for word in prefix { seenUnder[word, default: []].append(place) }
        }
        return pairs
    }

    /// Of n words, n - ceil(least * n) + 1: a set that shares none of them cannot be alike enough.
    private func prefix(of set: [Int32]) -> ArraySlice<Int32> {
        set.prefix(set.count - Int((least * Double(set.count)).rounded(.up)) + 1)
    }

    private func compare(_ left: Int, _ right: Int) -> Double? {
        let (short, long) = (sets[left], sets[right])
        guard Double(short.count) >= least * Double(long.count) else { return nil }
        let shared = Self.shared(short, long)
        let similarity = Double(shared) / Double(short.count + long.count - shared)
        return similarity >= least ? similarity : nil
    }

    private static func shared(_ left: [Int32], _ right: [Int32]) -> Int {
        var (at, beside, shared) = (0, 0, 0)
        while at < left.count, beside < right.count {
            if left[at] == right[beside] { shared += 1 }
            let step = (left[at] <= right[beside], left[at] >= right[beside])
            at += step.0 ? 1 : 0
            beside += step.1 ? 1 : 0
        }
        return shared
    }
}

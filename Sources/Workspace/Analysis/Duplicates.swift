import Core

extension Snapshot {
    /// Open tasks whose titles say nearly the same, as groups.
    ///
    /// Titles of one word, and titles that differ in a number, are never taken for the same.
    func duplicates() -> [Finding] {
        var places: [TitleWords: Int] = [:]
        var titles: [TitleWords] = []
        var holders: [[Int]] = []
        for index in open {
            let title = TitleWords(tasks[index].title)
            guard title.words.count > 1 else { continue }
            if let place = places[title] {
                holders[place].append(index)
            } else {
                places[title] = titles.count
                titles.append(title)
                holders.append([index])
            }
        }
        return groups(of: titles).compactMap { group, similarity in
            let members = group.flatMap { holders[$0] }.sorted()
            return members.count > 1 ? duplicate(members, similarity) : nil
        }
    }

    /// Joins what is alike into groups, each with the lowest similarity that holds it together.
    private func groups(of titles: [TitleWords]) -> [(places: [Int], similarity: Double)] {
        var parent = Array(titles.indices)
        func root(_ place: Int) -> Int {
            var at = place
            while parent[at] != at {
                parent[at] = parent[parent[at]]
                at = parent[at]
            }
            return at
        }
        var lowest = [Double](repeating: 1, count: titles.count)
        for pair in SimilarPairs(titles, least: limits.similarity).find()
        where titles[pair.first].numbers == titles[pair.second].numbers {
            let (left, right) = (root(pair.first), root(pair.second))
            parent[max(left, right)] = min(left, right)
            lowest[min(left, right)] = min(lowest[left], lowest[right], pair.similarity)
        }
        let grouped = Dictionary(grouping: titles.indices, by: root)
        return grouped.sorted { $0.key < $1.key }.map { ($0.value, lowest[$0.key]) }
    }

    private func duplicate(_ members: [Int], _ similarity: Double) -> Finding {
        let projects = Set(members.map { tasks[$0].project })
        let started = members.filter { tasks[$0].status == .inProgress }
        let people = Set(started.compactMap { owner($0)?.lowercased() })
        let isDoubleWork = people.count > 1
        let kept = started.first ?? members[0]
        let percent = Int((similarity * 100).rounded(.down))
        return Finding(
            .duplicate, isDoubleWork ? .critical : projects.count == 1 ? .warning : .info,
            "\(Phrase.count(members.count, "open task")) look alike: "
                + Phrase.list(members.map(quote))
                + (isDoubleWork ? "; \(people.count) people work on them." : "."),
            evidence(
                members, project: projects.count == 1 ? projects.first ?? nil : nil,
                [
                    .of("similarity_percent", percent), .of("projects", projects.count),
                    .of("people_working", people.count),
                ], against: [.of("similar_from_percent", Int((limits.similarity * 100).rounded()))]),
            action: "Keep \(quote(kept)) and close \(members.count == 2 ? "the other" : "the others"), "
                + "or say in the titles how they differ.",
            weight: Double(members.count) + similarity)
    }
}

import Core

/// One field to be answered for many objects at once, so that what they refer to is read together.
package struct Ask: Sendable {
    /// The type of the objects, and the field.
    package let type: String
    package let field: String
    /// The objects as they were answered; one empty object at the root.
    package let parents: [JSON]
    package let arguments: JSON
    /// The fields wanted of it; empty where it has none.
    package let wanted: [String]
}

/// Runs a plan, level by level: each field is asked for once, for all objects that it is wanted of.
package struct Executor: Sendable {
    /// What one object's field is, or why it is not.
    package typealias Outcome = Result<JSON, Complaint>

    private let blueprint: Blueprint
    /// Answers a field for each of its parents; nil where the field is simply a member of each.
    private let answer: @Sendable (Ask) async throws -> [Outcome]?
    /// Puts into words what `answer` throws.
    private let explain: @Sendable (any Error) -> Complaint

    package init(
        _ blueprint: Blueprint, answer: @escaping @Sendable (Ask) async throws -> [Outcome]?,
        explain: @escaping @Sendable (any Error) -> Complaint
    ) {
        self.blueprint = blueprint
        self.answer = answer
        self.explain = explain
    }

    /// The data, null where a field that cannot be null failed, and what went wrong on the way.
    package func run(_ plan: Plan) async -> (data: JSON, complaints: [Complaint]) {
        var run = Run(executor: self)
        let roots = [Run.Spot(value: .object([]), path: [])]
        let data = await run.objects(roots, type: plan.root, steps: plan.steps)
        return ((data.first ?? nil) ?? .null, run.complaints)
    }

    fileprivate func outcomes(_ ask: Ask) async -> [Outcome] {
        if ask.field == Introspection.typename.name {
            return ask.parents.map { _ in .success(.string(ask.type)) }
        }
        if Introspection.owns(ask.field, of: ask.type) {
            return ask.parents.map {
                .success(Introspection.value(ask.field, of: $0, ask.arguments, in: blueprint))
            }
        }
        do {
            let found = try await answer(ask) ?? ask.parents.map { .success($0[ask.field] ?? .null) }
            return found.count == ask.parents.count ? found : ask.parents.map { _ in .success(.null) }
        } catch {
            let complaint = explain(error)
            return ask.parents.map { _ in .failure(complaint) }
        }
    }

    fileprivate func isObject(_ type: String) -> Bool { blueprint.isObject(type) }
}

/// One run of a plan, with what it has to complain of so far.
private struct Run {
    /// A value and the way to it in the answer.
    struct Spot {
        var value: JSON
        let path: [Complaint.Step]
    }

    /// Errors of one answer.
    private static let most = 100

    let executor: Executor
    private(set) var complaints: [Complaint] = []

    init(executor: Executor) { self.executor = executor }

    private mutating func complain(_ complaint: Complaint, _ step: Plan.Step, _ path: [Complaint.Step]) {
        guard complaints.count < Self.most else { return }
        var placed = complaint
        placed.path = path
        placed.places = [step.place]
        complaints.append(placed)
    }

    /// Answers the steps for each object; nil where null has to go one level up.
    mutating func objects(_ spots: [Spot], type: String, steps: [Plan.Step]) async -> [JSON?] {
        guard !spots.isEmpty else { return [] }
        var members = [[JSON.Member]?](repeating: [], count: spots.count)
        for step in steps {
            let ask = Ask(
                type: type, field: step.field.name, parents: spots.map(\.value), arguments: step.arguments,
                wanted: step.steps.map(\.field.name))
            let outcomes = await executor.outcomes(ask)
            let values = await complete(outcomes, spots, step)
            for (index, value) in values.enumerated() {
                guard let value else {
                    members[index] = nil
                    continue
                }
                members[index]?.append(.init(step.key, value))
            }
        }
        return members.map { $0.map { .object($0) } }
    }

    private mutating func complete(
        _ outcomes: [Executor.Outcome], _ parents: [Spot], _ step: Plan.Step
    ) async -> [JSON?] {
        var spots: [Spot] = []
        var failed: Set<Int> = []
        for (index, outcome) in outcomes.enumerated() {
            let path = parents[index].path + [.key(step.key)]
            switch outcome {
            case .success(let value): spots.append(Spot(value: value, path: path))
            case .failure(let complaint):
                complain(complaint, step, path)
                failed.insert(index)
                spots.append(Spot(value: .null, path: path))
            }
        }
        // What failed was complained of; that it cannot be null is no second complaint.
        let values = await complete(spots, step.field.shape, step, known: failed)
        return values
    }

    private mutating func complete(
        _ spots: [Spot], _ shape: Blueprint.Shape, _ step: Plan.Step, known: Set<Int> = []
    ) async -> [JSON?] {
        switch shape {
        case .required(let inner):
            let values = await complete(spots, inner, step, known: known)
            return values.enumerated().map { index, value in
                guard value == .null else { return value }
                if !known.contains(index), spots[index].value == .null {
                    complain(Complaint("This cannot be null, and is."), step, spots[index].path)
                }
                return nil
            }
        case .list(let inner): return await lists(spots, of: inner, step).map { $0 ?? .null }
        case .named(let name) where executor.isObject(name):
            let indices = spots.indices.filter { spots[$0].value != .null }
            let found = await objects(indices.map { spots[$0] }, type: name, steps: step.steps)
            var values = [JSON?](repeating: .null, count: spots.count)
            // Null from below a field that may be null ends here.
            for (index, value) in zip(indices, found) { values[index] = value ?? .null }
            return values
        case .named: return spots.map(\.value)
        }
    }

    /// Completes the entries of all lists together.
    private mutating func lists(
        _ spots: [Spot], of shape: Blueprint.Shape, _ step: Plan.Step
    ) async -> [JSON?] {
        var entries: [Spot] = []
        for spot in spots {
            for (index, value) in (spot.value.array ?? []).enumerated() {
                entries.append(Spot(value: value, path: spot.path + [.index(index)]))
            }
        }
        var done = await complete(entries, shape, step)[...]
        return spots.map { spot in
            guard let count = spot.value.array?.count else { return .null }
            let own = done.prefix(count)
            done = done.dropFirst(count)
            let values = own.compactMap { $0 }
            return values.count == count ? .array(values) : nil
        }
    }
}

import Core

extension Series {
    /// The series with other differences of one instance, on top of those it has.
    package func overriding(_ override: Override) throws -> Series {
        var draft = draft
        let known = overrides.first { $0.id == override.id }
        draft.overrides = overrides.filter { $0.id != override.id } + [known?.adding(override) ?? override]
        return try Series(draft)
    }

    /// The series without one instance.
    package func leavingOut(_ id: Moment) throws -> Series {
        var draft = draft
        draft.exdates.append(id)
        draft.overrides.removeAll { $0.id == id }
        return try Series(draft)
    }

    /// True when no instance comes before that one.
    package func begins(with id: Moment) -> Bool {
        Starts(of: self, after: Moment(microseconds: -1)).first { _ in true } == id
    }

    /// The series up to `id`, and the rest that begins with it. Each date and override goes where it belongs.
    ///
    /// `id` is an instance, and not the first.
    package func split(at id: Moment) throws -> (head: Series, tail: Series) {
        (try head(before: id), try tail(from: id))
    }

    /// The instances before `id`.
    package func head(before id: Moment) throws -> Series {
        var head = draft
        head.rule = try rule.map { try RuleText($0).until(id - .seconds(1)) }
        head.exdates = exdates.filter { $0 < id }
        head.rdates = rdates.filter { $0 < id }
        head.overrides = overrides.filter { $0.id < id }
        // Where clocks jump, a local UNTIL may still let the instance in.
        if (try Series(head)).has(id) { head.exdates.append(id) }
        return try Series(head)
    }

    private func tail(from id: Moment) throws -> Series {
        var tail = draft
        (tail.start, tail.end) = (id, end(of: id))
        tail.exdates = exdates.filter { $0 >= id }
        tail.rdates = rdates.filter { $0 >= id }
        tail.overrides = overrides.filter { $0.id >= id }
        guard let rule, let recurrence else { return try Series(tail) }
        let walls = recurrence.walls { zone.moment(showing: $0) < id }
        guard let first = recurrence.next(from: Wall(seconds: (walls.last?.seconds ?? -1) + 1)) else {
            tail.rule = nil
            return try Series(tail)
        }
        tail.rule = RuleText(rule).less(walls.count).keeping(first, shown: zone.wall(at: id)).text
        return try Series(tail)
    }

    /// The series after its master was changed: dates and overrides move with its start, or stay where the
    /// instance still exists; an override whose instance is gone goes with it.
    package func following(_ old: Series) throws -> Series {
        guard start != old.start || zone != old.zone || rule != old.rule else { return self }
        let shift = zone.wall(at: start).seconds - old.zone.wall(at: old.start).seconds
        let isMoved = shift != 0 || zone != old.zone
        func moved(_ id: Moment) -> Moment {
            guard isMoved else { return id }
            return zone.moment(showing: Wall(seconds: old.zone.wall(at: id).seconds + shift))
        }
        var draft = draft
        if exdates == old.exdates { draft.exdates = exdates.map(moved) }
        if rdates == old.rdates { draft.rdates = rdates.map(moved) }
        draft.overrides = []
        let plain = try Series(draft)
        draft.overrides = old.overrides.compactMap { override in
            let id = [moved(override.id), override.id].first { plain.has($0) }
            return id.map { override.moved(to: $0) }
        }
        return try Series(draft)
    }
}

extension Recurrence {
    /// The leading local times of the rule for which `fits` holds: as many as a COUNT may ask for.
    fileprivate func walls(_ fits: (Wall) -> Bool) -> [Wall] {
        var (found, from) = ([Wall](), Wall(seconds: 0))
        while let wall = next(from: from), fits(wall), found.count <= RuleParts.mostCount {
            found.append(wall)
            from = Wall(seconds: wall.seconds + 1)
        }
        return found
    }
}

import Core

extension Report {
    /// The whole report, with snake_case names.
    package var json: JSON {
        [
            "analyzed_at": .string(at.text),
            // As text: a seed uses all 64 bits, which JSON numbers do not carry.
            "seed": .string(String(seed)),
            "language_model": nil,
            "provenance": .string(Self.provenance),
            "summary": .object(summary),
            "findings": .array(findings.map(\.json)),
        ]
    }

    private var summary: [JSON.Member] {
        [
            .of("headline", headline),
            .of("projects", counts.projects),
            .of("tasks", counts.tasks.values.reduce(0, +)),
            JSON.Member("tasks_by_status", Self.table(counts.tasks)),
            JSON.Member("findings_by_severity", Self.table(counts.severities)),
            JSON.Member("findings_by_kind", Self.table(counts.kinds)),
            .of("findings", counts.kinds.values.reduce(0, +)),
            .of("findings_listed", findings.count),
        ]
    }

    private static func table<Key: RawRepresentable<String> & CaseIterable & Hashable>(
        _ counts: [Key: Int]
    ) -> JSON {
        .object(Key.allCases.map { .of($0.rawValue, counts[$0] ?? 0) })
    }
}

extension Finding {
    package var json: JSON {
        [
            "kind": .string(kind.rawValue), "severity": .string(severity.rawValue), "title": .string(title),
            "evidence": evidence.json, "action": .string(action),
        ]
    }
}

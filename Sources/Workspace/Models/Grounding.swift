import Core

/// Holds what a language model writes about an analysis to the findings of that analysis.
package struct Grounding: Sendable {
    /// One sentence and the findings that it rests on.
    package struct Sentence: Sendable, Hashable {
        package let text: String
        package let findings: [String]

        package var json: JSON {
            ["text": .string(text), "findings": .array(findings.map(JSON.string))]
        }
    }

    /// The form in which a model writes.
    package static let form: JSON = [
        "type": "object", "required": ["sentences"], "additionalProperties": false,
        "properties": [
            "sentences": [
                "type": "array", "maxItems": 40,
                "items": [
                    "type": "object", "required": ["text", "findings"], "additionalProperties": false,
                    "properties": [
                        "text": ["type": "string", "maxLength": 1_000],
                        "findings": ["type": "array", "items": ["type": "string"], "maxItems": 20],
                    ],
                ],
            ]
        ],
    ]

    /// The most findings that a model is shown.
    package static let shown = 40

    /// The findings by the names that sentences refer to them by: f1, f2, ….
    package let findings: [(id: String, finding: Finding)]

    package init(_ report: Report) {
        findings = report.findings.prefix(Self.shown).enumerated().map { ("f\($0.offset + 1)", $0.element) }
    }

    /// What a model is shown.
    package var facts: JSON {
        .array(
            findings.map { id, finding in
                [
                    "id": .string(id), "kind": JSON(finding.kind), "severity": JSON(finding.severity),
                    "title": .string(finding.title), "action": .string(finding.action),
                    "numbers": .object(finding.evidence.numbers),
                ]
            })
    }

    /// The sentences that rest on findings which there are, without links, and how many others there were.
    ///
    /// A sentence with a number that none of its findings has is one of the others.
    package func keep(_ answer: JSON) -> (kept: [Sentence], dropped: Int) {
        let known = Dictionary(uniqueKeysWithValues: findings.map { ($0.id, $0.finding) })
        let given = answer["sentences"]?.array ?? []
        let kept = given.compactMap { sentence -> Sentence? in
            let ids = sentence["findings"]?.array?.compactMap(\.string) ?? []
            let text = SafeProse.of(sentence["text"]?.string ?? "").trimmed
            guard !ids.isEmpty, ids.allSatisfy({ known[$0] != nil }), !text.isEmpty else { return nil }
            let facts = ids.compactMap { known[$0] }.map(Self.words).joined(separator: " ")
            guard Self.numbers(text).isSubset(of: Self.numbers(facts)) else { return nil }
            return Sentence(text: text, findings: ids)
        }
        return (kept, given.count - kept.count)
    }

    private static func words(of finding: Finding) -> String {
        "\(finding.title) \(finding.action) \(finding.evidence.taskCount) "
            + JSON.object(finding.evidence.numbers).text
    }

    /// The numbers that stand in a text, each as its digits.
    private static func numbers(_ text: String) -> Set<Int> {
        Set(text.split { !("0"..."9").contains($0) }.compactMap { Int($0) })
    }
}

extension String {
    /// Without white space at its ends.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}

import Core

extension Noun {
    /// What somebody may say, and what is done then.
    package static let voiceCommand = Noun(
        "voice_command", "voice_commands", event: "voice:command",
        fields: [
            Field("phrase", .text(1...200)).required().searched().sorted()
                .about("No two of a language have the same, whatever the case of their letters."),
            Field("language", .text(2...35)).or("en").filtered().like("pt-BR")
                .about("BCP 47, such as en or pt-BR."),
            Field("action", .text(1...100)).required().filtered().like("light.on")
                .about("The name of a job, or a word for an action: small letters, digits, . _ and -."),
            Field("parameters", .json(schema: parameters)).or([]).about("What the phrase leaves open."),
            Field("needs_confirmation", .flag).or(false),
            Field("wake_word", .text(1...50)).optional(),
            Field("enabled", .flag).or(true).filtered(),
            Field("usage_count", .whole(0...Int(Int32.max))).or(0).shown().sorted(),
            Field("last_used_at", .time).optional().shown().sorted(),
        ],
        laws: [
            { values in
                try requireLanguage(values.text("language") ?? "")
                guard isName(values.text("action") ?? "") else {
                    throw Failure(
                        .invalid,
                        "action begins with a small letter and has letters, digits, . _ and - only.",
                        at: "/action")
                }
                try requireParameters(values["parameters"] ?? .null)
            }
        ])

    private static let types = ["text", "number", "date", "time", "user"]
    private static let mostParameters = 20

    private static let parameters: JSON = [
        "type": "array", "maxItems": .integer(Int64(mostParameters)),
        "items": [
            "type": "object", "required": ["name", "type"], "additionalProperties": false,
            "properties": [
                "name": ["type": "string", "pattern": "^[a-z][a-z0-9._-]{0,49}$"],
                "type": ["type": "string", "enum": .array(types.map(JSON.string))],
            ],
        ],
    ]

    /// Parts of letters and digits with hyphens between them, the first of two to eight letters.
    private static func requireLanguage(_ tag: String) throws(Failure) {
        let parts = tag.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isGood = parts.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy(isLetterOrDigit) }
        let isNamed = parts.first.map { $0.count >= 2 && !$0.contains(where: isDigit) } ?? false
        guard isGood, isNamed else {
            throw Failure(
                .invalid, "language is no tag of BCP 47, such as en or pt-BR.", at: "/language")
        }
    }

    private static func requireParameters(_ json: JSON) throws(Failure) {
        guard let items = json.array, items.count <= mostParameters else {
            throw Failure(
                .invalid, "parameters must be a list of at most \(mostParameters) objects.", at: "/parameters"
            )
        }
        var names: Set<String> = []
        for (index, item) in items.enumerated() {
            let place = "/parameters/\(index)"
            guard let members = item.members, Set(members.map(\.name)) == ["name", "type"],
                let name = item["name"]?.string, name.utf8.count <= 50, isName(name)
            else {
                throw Failure(
                    .invalid, "A parameter is an object of a name, in small letters, and a type.", at: place)
            }
            guard let type = item["type"]?.string, types.contains(type) else {
                throw Failure(
                    .invalid, "type must be one of \(types.joined(separator: ", ")).", at: "\(place)/type")
            }
            guard names.insert(name).inserted else {
                throw Failure(.invalid, "parameters names \(name) twice.", at: "\(place)/name")
            }
        }
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isSmall(first) else { return false }
        return text.utf8.allSatisfy { isSmall($0) || isDigit($0) || ".-_".utf8.contains($0) }
    }

    private static func isSmall(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isSmall(byte | 0x20) || isDigit(byte) }
}

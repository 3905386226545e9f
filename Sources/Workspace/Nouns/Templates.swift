import Core

extension Noun {
    /// A text for many messages, with places for what differs.
    package static let template = Noun(
        "template", "templates", table: "message_templates",
        fields: [
            Field("name", .text(1...100)).required().searched().sorted(),
            Field("channel", .word(Channel.allCases.map(\.rawValue))).required().filtered(),
            Field("format", .word(Channel.Format.allCases.map(\.rawValue))).or("text"),
            Field("subject", .text(1...500)).optional().searched()
                .about("With {{variable}} and {{variable|default}}."),
            Field("body", .text(1...50_000)).required().searched()
                .about(
                    "With {{variable}} and {{variable|default}}; each value is escaped for where it stands."),
            Field("description", .text(0...1_000)).or("").searched(),
            Field("variables", .texts(1...64, most: 2 * Template.variablesLimit)).or([]).shown(),
        ],
        laws: [MessageRules.text, MessageRules.oneLine, TemplateRules.placeholders])
}

/// What holds for a template beyond its single fields.
private enum TemplateRules {
    static func placeholders(_ values: Values) throws(Failure) { _ = try MessageTemplate(values) }
}

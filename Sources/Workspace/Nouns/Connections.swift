import Core

extension Noun {
    /// A way into a service outside. What it gets in with is kept sealed, and shown to nobody.
    package static let connection = Noun(
        "connection", "connections",
        fields: [
            Field("provider", .text(1...40)).required().fixed().filtered().like("twilio"),
            Field("name", .text(1...200)).required().sorted()
                .about("No two of a provider have the same."),
            Field("status", .word(ConnectionStatus.allCases.map(\.rawValue))).or("active").filtered()
                .about("A person turns it off (disabled) and on (active)."),
            Field("settings", .object(bytes: 8_000)).or([:])
                .about(
                    "What the provider needs to know and is no secret, such as the number messages come from."
                ),
            Field("scopes", .texts(1...200, most: 50)).shown().or([]),
            Field("health", .word(["unknown", "ok", "failing"])).shown().or("unknown").filtered(),
            Field("checked_at", .time).optional().shown(),
            Field("last_sync_at", .time).optional().shown().sorted(),
            Field("last_error", .text(0...2_000)).optional().shown(),
        ])
}

/// Whether a connection can be used.
package enum ConnectionStatus: String, Sendable, Hashable, CaseIterable {
    case active
    /// What it gets in with is refused: somebody must connect it anew.
    case needsReauth = "needs_reauth"
    /// Somebody has turned it off.
    case disabled
}

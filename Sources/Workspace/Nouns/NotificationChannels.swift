import Core

extension Noun {
    /// A place where somebody's notifications go too, or, shared, those of everybody.
    package static let notificationChannel = Noun(
        "notification_channel", "notification_channels",
        fields: [
            Field("user_id", .user).optional().shown(),
            Field("name", .text(1...100)).required().searched().sorted(),
            Field("url", .text(ChannelURL.lengths)).required().like("mailto:ada@example.org")
                .about("Such as mailto:ada@example.org, tgram://usual/12345 or slack://<connection>/C123."),
            Field("shared", .flag).or(false).filtered()
                .about("It gets what anybody in the workspace is told. For owners and admins to say."),
            Field("enabled", .flag).or(true).filtered(),
        ] + Selection.fields,
        privacy: Privacy(owner: "user_id", unless: "shared"),
        laws: [{ values throws(Failure) in _ = try ChannelURL(values.text("url") ?? "") }])
}

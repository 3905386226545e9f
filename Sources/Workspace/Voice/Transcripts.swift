import Core

extension Noun {
    /// A recording, and what was heard in it.
    package static let transcript = Noun(
        "transcript", "transcripts", event: "voice:transcript",
        fields: [
            Field("purpose", .word(["transcript", "command"])).shown().filtered(),
            Field("status", .word(Voice.Status.allCases.map(\.rawValue))).shown().or("queued").filtered(),
            Field("text", .text(0...200_000)).optional().shown().searched(),
            Field("language", .text(2...35)).optional().shown().filtered()
                .about("As it was asked for, and once it was heard, as it was heard."),
            Field("duration_s", .number(0...Voice.Limits.duration_s * 2, unit: "seconds")).optional().shown()
                .about("Seconds."),
            Field("media_type", .text(1...100)).shown().about("By its content."),
            Field("bytes", .whole(0...Voice.Limits.bytes)).shown(),
            Field("sha256", .text(64...64)).shown(),
            Field("model", .text(1...100)).optional().shown(),
            Field("prompt", .text(0...Voice.Limits.prompt)).optional().shown()
                .about("Words that are likely to be heard."),
            Field("transcriber", .text(1...200)).optional().shown()
                .about("The name of the connection that heard it, or default."),
            Field("connection_id", .row("connections")).optional().shown(),
            Field("fingerprint", .text(64...64)).optional().shown()
                .about("Stands for the sound and all that decides what is heard in it."),
            Field("reused", .flag).or(false).shown()
                .about("The same recording was heard before, and was not sent to the transcriber again."),
            Field("job_id", .text(26...26)).shown().about("The job that hears it."),
            Field("run_id", .row("voice_runs")).optional().shown()
                .about("The command that was in it; null where there was none."),
            Field("error", .text(0...2_000)).optional().shown(),
            Field("user_id", .user).optional().shown(),
            Field("scopes", .text(0...4_000)).or("").shown()
                .about("What the key that sent it may do: a command in it may do no more."),
        ], privacy: Privacy(owner: "user_id"))

    /// A command that was heard, and what became of it.
    package static let voiceRun = Noun(
        "voice_run", "voice_runs", event: "voice:run",
        fields: [
            Field("transcript_id", .row("transcripts")).optional().shown().filtered(),
            Field("command_id", .row("voice_commands")).optional().shown().filtered()
                .about("Null for a command that is there without being registered."),
            Field("phrase", .text(1...200)).shown(),
            Field("action", .text(1...100)).shown().filtered(),
            Field("parameters", .object(bytes: 300_000)).or([:]).shown().about("What was said for each."),
            Field("status", .word(Voice.RunStatus.allCases.map(\.rawValue))).shown().or("running").filtered(),
            Field("said", .text(0...2_000)).optional().shown().about("A sentence that can be read out."),
            Field("result", .object(bytes: 300_000)).or([:]).shown(),
            Field("error", .text(0...2_000)).optional().shown(),
            Field("job_id", .text(26...26)).optional().shown().about("The job that it started."),
            Field("expires_at", .time).optional().shown().about("Until then it can be confirmed."),
            Field("user_id", .user).optional().shown(),
            Field("scopes", .text(0...4_000)).or("").shown(),
        ], privacy: Privacy(owner: "user_id"))
}

extension Voice {
    /// Where a recording stands.
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case queued, running, done, failed
    }

    /// Where a command that was heard stands.
    package enum RunStatus: String, Sendable, Hashable, CaseIterable {
        /// Nothing happens before somebody says yes.
        case awaitingConfirmation = "awaiting_confirmation"
        case running, done, failed, cancelled, expired
    }
}

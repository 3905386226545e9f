import Core

extension Noun {
    /// A message of any channel, in or out.
    package static let message = Noun(
        "message", "messages", endings: ["created": "new"],
        fields: [
            Field("channel", .word(Channel.allCases.map(\.rawValue))).required().fixed().filtered(),
            Field("direction", .word(["in", "out"])).required().fixed().filtered(),
            Field("status", .word(MessageStatus.allCases.map(\.rawValue))).shown().or("draft").filtered(),
            Field("subject", .text(0...500)).optional().searched(),
            Field("body", .text(0...100_000)).or("").searched(),
            Field("format", .word(Channel.Format.allCases.map(\.rawValue))).or("text"),
            Field("from_address", .text(MessageRules.address)).optional().searched()
                .about("On the channel email, replies to what goes out are sent there."),
            Field("to", .texts(MessageRules.address, most: 50)).or([]).searched(),
            Field("contact_id", .row("contacts")).optional().filtered()
                .about("Found by the address where it is not given."),
            Field("thread_id", .text(26...26)).shown().filtered(),
            Field("in_reply_to", .row("messages")).optional().fixed(),
            Field("task_id", .row("tasks")).optional().filtered(),
            Field("sent_at", .time).optional().fixed().sorted()
                .about("When it was sent. A message that goes out without it is a draft."),
            Field("occurred_at", .time).shown().sorted()
                .about("Where it stands in its thread: when it was sent, else written."),
            Field("read_at", .time).optional().shown(),
            Field("send_at", .time).optional().shown().about("When it is to be sent, if not at once."),
            Field("external_id", .text(1...255)).optional().filtered()
                .about("What the channel calls it; no two of a channel are the same."),
            Field("receipt", .object(bytes: 16_000)).optional().shown(),
            Field("error", .text(0...2_000)).optional().shown(),
            Field("job_id", .text(26...26)).optional().shown().about("The job that sends it."),
            Field("connection_id", .row("connections")).optional().filtered()
                .about("What it is sent through; the usual connection of its channel unless told."),
            Field("content", .object(bytes: 4_000)).optional()
                .about(
                    "On whatsapp, a template of the provider instead of a text: sid, and variables by name."
                ),
            Field("media", .texts(8...2_000, most: 10)).or([])
                .about("On whatsapp and sms, the public addresses of files to send along."),
            Field("files", .texts(26...26, most: 20)).or([])
                .about("On email, the ids of uploads or attachments to send along."),
        ],
        laws: [
            MessageRules.text, MessageRules.oneLine, MessageRules.recipients, MessageRules.extras,
        ])
}

/// How far a message is.
package enum MessageStatus: String, Sendable, Hashable, CaseIterable {
    case draft
    /// Its job sends it now.
    case queued
    /// Its job sends it later.
    case scheduled
    case sent, delivered
    /// By whoever got it: a user of the workspace, or the other side.
    case read
    case failed
    /// It came in, and nobody has read it.
    case received
}

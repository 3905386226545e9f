import Automation
import Core
import Store
import Work
import Workspace

/// Hears one recording, and does the command in it where it was sent for that.
///
/// What was heard is written into the row before anything is done, and each command is done in one
/// transaction with its run: an attempt that dies is gone on with, and nothing is done twice. The same sound
/// is not sent to the transcriber again.
struct TranscribeVoice: Job {
    static let name = Recording.job
    static let area = "voice"
    static let policy = Policy(
        attempts: 8, timeout: .seconds(900),
        backoff: .exponential(first: .seconds(5), most: .seconds(1_800)))

    /// The recording, as it was taken in.
    let transcript_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let store = try context.store
        guard let recording = try await store.rows(.transcripts).find(transcript_id) else {
            return .result(["skipped": "The recording was deleted."])
        }
        let transcript = try await hear(recording, Listener(context.tools, through: store))
        // What was said is in the row, which is the speaker's alone; a job's result is not.
        var result: [JSON.Member] = [.init("transcript_id", JSON(transcript_id))]
        guard transcript["purpose"].string == Recording.Purpose.command.rawValue else {
            return .result(.object(result))
        }
        try await context.progress(80, "heard")
        let run = try await CommandDesk(store, job: Self.maker(context)).take(transcript, at: context.now)
        result += [.init("run_id", JSON(run?.id)), .init("status", run?["status"] ?? "no_command")]
        return .result(.object(result))
    }

    /// A transcriber may quote what it was told to expect, which is the speaker's alone; a job's errors are
    /// not.
    private func hear(_ recording: Item, _ listener: Listener) async throws -> Item {
        do { return try await listener.hear(recording.id) } catch let failure as Failure {
            guard let prompt = recording["prompt"].string, !prompt.isEmpty else { throw failure }
            throw failure.worded(failure.message.replacing(prompt, with: "…"))
        }
    }

    static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Tools>) async throws {
        guard let job else { return }
        try await Listener(context.tools, through: context.store).giveUp(job.transcript_id, failure)
    }

    private static func maker(_ context: Context<Tools>) -> CommandDesk.JobMaker {
        { [workspace = context.workspace] name, arguments in
            guard let area = catalogue.area(name) else {
                throw Failure(.missing, "There is no job \(name).")
            }
            try catalogue.check(name, arguments: arguments)
            var envelope = Envelope(name: name, arguments: arguments.bytes, workspace: workspace)
            envelope.version = catalogue.version(name) ?? 1
            return (envelope, area)
        }
    }
}

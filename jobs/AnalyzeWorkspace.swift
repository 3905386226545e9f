import Automation
import Core
import Store
import Work
import Workspace

/// Computes what deserves attention in a workspace: each finding with the evidence it rests on. Where asked
/// to, a language model writes prose about the findings, of which only sentences that rest on them are kept.
struct AnalyzeWorkspace: Job {
    static let name = "analyze_workspace"
    static let area = "ai"
    static let policy = Policy(attempts: 3, timeout: .seconds(900))

    /// Looks at one project only.
    let project_id: ID?
    /// Rules the draws of the forecast, for repeatable reports; the job's id does when it is missing.
    let seed: UInt64?
    /// Has prose written too, if there is a model.
    let prose: Bool?

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let report = try await Overview(
            context.tools.store, try context.owner, project: project_id
        ).report(seed: seed ?? UInt64(context.id.milliseconds), at: context.now) {
            try await context.progress($0, $1)
        }
        var members: [JSON.Member] = [
            .init("report", report.json), .init("text", .string(report.text)),
            .init("html", .string(report.html)),
        ]
        if prose == true {
            try await context.progress(70, report.headline)
            let asking = Models.Asking(workspace: try context.owner, job: context.id, purpose: "analyze")
            members.append(
                .init("prose", try await Analyst(context.tools.models).prose(about: report, for: asking)))
        }
        try await context.progress(100, report.headline)
        return .result(.object(members))
    }
}

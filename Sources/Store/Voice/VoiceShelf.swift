import Core
import Workspace

extension Shelf {
    /// The recordings and what was heard in them.
    package static let transcripts = Shelf(.transcript)

    /// The commands that were heard.
    package static let voiceRuns = Shelf(.voiceRun)
}

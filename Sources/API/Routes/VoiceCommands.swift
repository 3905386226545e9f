import Core
import Store
import Workspace

extension Routes {
    /// `/api/voice/commands`: what may be said, and what is done then.
    enum VoiceCommands {
        static let resource = Resource(.voiceCommands, at: "/api/voice/commands")
        static let routes = resource.routes
        static let schemas = resource.schemas
    }
}

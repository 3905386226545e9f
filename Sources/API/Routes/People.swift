import Core

extension Routes {
    /// Who people are: their accounts, and their places in workspaces.
    enum People {
        static let routes =
            Auth.routes + AuthProfile.routes + AuthSessions.routes + AuthWorkspaces.routes + APIKeys.routes
            + WorkspaceHome.routes + Members.routes + Invitations.routes

        static let schemas =
            Auth.schemas + AuthProfile.schemas + AuthSessions.schemas + AuthWorkspaces.schemas
            + APIKeys.schemas + WorkspaceHome.schemas + Members.schemas + Invitations.schemas
    }
}

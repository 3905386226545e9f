import Core

extension Relay {
    /// For whom a connection listens.
    package struct Principal: Sendable, Hashable {
        /// The id of the workspace whose events it may see.
        package let workspace: String
        /// The id of the user, who alone hears of what is theirs; nil hears only what is for all.
        package let user: String?
        /// What it was let in by.
        package let credential: Credential?
        /// When that is good no longer; nil where it has no end of its own.
        package let until: Moment?

        package init(
            workspace: String, user: String? = nil, credential: Credential? = nil, until: Moment? = nil
        ) {
            self.workspace = workspace
            self.user = user
            self.credential = credential
            self.until = until
        }

        func mayHear(_ event: Event) -> Bool {
            guard event.workspace == workspace else { return false }
            guard let audience = event.audience else { return true }
            return audience == user
        }
    }

    /// What a connection was let in by, named by its id.
    package enum Credential: Sendable, Hashable {
        case session(String)
        case key(String)
    }

    /// What ended, so that its connections must too.
    package struct Revocation: Sendable, Hashable {
        /// Whose connections end.
        package enum Subject: Sendable, Hashable {
            case credential(Credential)
            /// All that a user of a workspace has open, because their role changed or they were removed.
            case user(String, workspace: String)
        }

        /// A user may come back at once with another role; the clocks of machines differ by less than this.
        static let grace: Duration = .seconds(1)

        package let subject: Subject
        package let at: Moment

        package init(_ subject: Subject, at moment: Moment) {
            self.subject = subject
            at = moment
        }

        func ends(_ principal: Principal, since start: Moment) -> Bool {
            switch subject {
            case .credential(let credential): principal.credential == credential
            case .user(let user, let workspace):
                principal.user == user && principal.workspace == workspace && start <= at + Self.grace
            }
        }
    }
}

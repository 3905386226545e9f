import Accounts
import Core

/// What somebody says to get an account.
struct RegisterRequest: Decodable, Sendable {
    let email: String
    let password: String
    let name: String
    let workspaceName: String?

    enum CodingKeys: String, CodingKey {
        case email, password, name
        case workspaceName = "workspace_name"
    }

    /// The address and the profile, once every rule holds. Throws `Failure(.invalid)`.
    func checked() throws -> (email: Email, profile: Profile) {
        let profile = Profile(name: name)
        try profile.check()
        let email = try Email(email)
        try PasswordRule.check(password, email: email.text, at: "/password")
        try workspaceName.map { try Profile.check(name: $0, at: "/workspace_name") }
        return (email, profile)
    }

    /// What the first workspace is called.
    var workspace: String { workspaceName ?? "\(name)'s workspace" }
}

/// What somebody says to log in.
struct LoginRequest: Decodable, Sendable {
    let email: String
    let password: String
    let workspace: ID?

    enum CodingKeys: String, CodingKey {
        case email, password
        case workspace = "workspace_id"
    }
}

/// A refresh token to be exchanged.
struct RefreshRequest: Decodable, Sendable {
    let token: String

    enum CodingKeys: String, CodingKey { case token = "refresh_token" }
}

/// The workspace to go on in.
struct SwitchRequest: Decodable, Sendable {
    let workspace: ID

    enum CodingKeys: String, CodingKey { case workspace = "workspace_id" }
}

/// A password to be replaced by another.
struct PasswordRequest: Decodable, Sendable {
    let current: String
    let new: String

    enum CodingKeys: String, CodingKey {
        case current = "current_password"
        case new = "new_password"
    }
}

/// The password that an account ends with.
struct FarewellRequest: Decodable, Sendable {
    let password: String
}

/// What is to be different about a profile: what is left out stays as it is.
struct ProfileRequest: Decodable, Sendable {
    private let name: String?
    private let timeZone: String?
    private let locale: String?
    private let channels: [String]?
    private let quiet: Hours??

    private struct Hours: Decodable {
        let from: String
        let to: String
    }

    enum CodingKeys: String, CodingKey {
        case name, locale
        case timeZone = "time_zone"
        case channels = "notification_channels"
        case quiet = "quiet_hours"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decodeIfPresent(String.self, forKey: .name)
        timeZone = try fields.decodeIfPresent(String.self, forKey: .timeZone)
        locale = try fields.decodeIfPresent(String.self, forKey: .locale)
        channels = try fields.decodeIfPresent([String].self, forKey: .channels)
        quiet =
            fields.contains(.quiet) ? .some(try fields.decodeIfPresent(Hours.self, forKey: .quiet)) : nil
    }

    /// `profile` with these changes. Throws `Failure(.invalid)`.
    func applied(to profile: Profile) throws -> Profile {
        var profile = profile
        profile.name = name ?? profile.name
        profile.timeZone = timeZone ?? profile.timeZone
        profile.locale = locale ?? profile.locale
        if let channels {
            profile.channels = try channels.enumerated().map { index, word in
                try Rule.choice(word, at: "/notification_channels/\(index)")
            }
        }
        if let quiet { profile.quiet = try quiet.map { try Profile.Quiet(from: $0.from, to: $0.to) } }
        try profile.check()
        return profile
    }
}

/// What a new API key is to be.
struct KeyRequest: Decodable, Sendable {
    let name: String
    let scopes: [String]?
    let expiresAt: Moment?

    enum CodingKeys: String, CodingKey {
        case name, scopes
        case expiresAt = "expires_at"
    }
}

/// The new name of a workspace.
struct WorkspaceRequest: Decodable, Sendable {
    let name: String?
}

/// The new role of a member.
struct MemberRequest: Decodable, Sendable {
    let role: String
}

/// Who is asked into a workspace, and as what.
struct InvitationRequest: Decodable, Sendable {
    let email: String
    let role: String
}

/// Who follows an invitation.
struct AcceptanceRequest: Decodable, Sendable {
    let token: String
    let name: String?
    let password: String?
}

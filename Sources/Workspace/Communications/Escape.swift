import Core
import Foundation

/// What is done to a value so that it stays a value at its place in a text.
package enum Escape: Sendable, Hashable {
    case none
    /// One line, for what becomes a header.
    case line
    case html
    /// The beginning of an address in HTML, such as a whole `href`.
    case address
    case telegram
    case slack

    /// What a text with placeholders is written in.
    package enum Language: Sendable, Hashable {
        case text, line, html, telegram, slack

        package init(_ format: Channel.Format, on channel: Channel) {
            self =
                switch format {
                case .text: .text
                case .html: .html
                case .markdown: channel == .slack ? .slack : .telegram
                }
        }
    }

    /// Throws `Failure(.invalid)` when the value cannot stand there at all.
    func apply(to value: String, of name: String) throws(Failure) -> String {
        switch self {
        case .none: return value
        case .line:
            guard !value.contains(where: \.isNewline), !value.contains("\t") else {
                throw Failure(
                    .invalid, "The variable \(name) must be one line, without tabs and line breaks.",
                    at: "/variables/\(name)")
            }
            return value
        case .html: return value.htmlEscaped
        case .address:
            guard Self.isAddress(value) else {
                throw Failure(
                    .invalid, "The variable \(name) must be an http, https, mailto or tel address.",
                    at: "/variables/\(name)")
            }
            return value.htmlEscaped
        case .telegram: return value.marked(Self.telegramMarks)
        case .slack: return value.slackEscaped
        }
    }

    /// MarkdownV2 of the Bot API takes any of these for a character when a backslash is before it.
    private static let telegramMarks = Set("_*[]()~`>#+-=|{}.!\\")

    private static func isAddress(_ text: String) -> Bool {
        guard !text.contains(where: \.isWhitespace), let parts = URLComponents(string: text) else {
            return false
        }
        return ["http", "https", "mailto", "tel"].contains(parts.scheme?.lowercased())
    }
}

extension Escape {
    /// Follows a text from its beginning and knows what a value needs at the place it has come to.
    struct Reader {
        private let language: Language
        private var markup = Markup()

        init(_ language: Language) { self.language = language }

        mutating func read(_ text: Substring) { if language == .html { markup.read(text) } }

        /// Throws `Failure(.invalid)` where nothing could make a value safe.
        mutating func escape(of name: String, at pointer: String) throws(Failure) -> Escape {
            switch language {
            case .text: return .none
            case .line: return .line
            case .telegram: return .telegram
            case .slack: return .slack
            case .html:
                guard let escape = markup.pass() else {
                    throw Failure(
                        .invalid,
                        "The placeholder \(name) may stand in text or in a quoted attribute of the HTML, and "
                            + "not in scripts, styles, comments, event handlers or behind half an address.",
                        at: pointer)
                }
                return escape
            }
        }
    }
}

extension String {
    fileprivate var htmlEscaped: String {
        slackEscaped.replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }

    /// Slack takes only these three for markup that calls people or makes links.
    package var slackEscaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    fileprivate func marked(_ marks: Set<Character>) -> String {
        reduce(into: "") { text, character in
            if marks.contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}

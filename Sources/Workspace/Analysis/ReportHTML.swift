import Core

extension Report {
    /// The report as one HTML page without scripts, links or outside parts, fit for an e-mail.
    package var html: String {
        let sections = Finding.Kind.allCases.map(section).joined()
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <title>Workspace analysis \(Phrase.day(at))</title></head>
            <body style="font-family:sans-serif;max-width:46em;margin:auto">
            <h1>Workspace analysis \(Phrase.day(at))</h1>
            <p><strong>\(Self.escape(headline))</strong><br>\(Self.escape(scopeLine))</p>
            \(sections)<p><small>\(Self.escape(Self.provenance))</small></p>
            </body></html>

            """
    }

    private func section(_ kind: Finding.Kind) -> String {
        let count = counts.kinds[kind] ?? 0
        guard count > 0 else { return "" }
        let shown = findings(kind).prefix(Self.shownOfKind)
        let more = count > shown.count ? "<p>… and \(count - shown.count) more.</p>\n" : ""
        return "<h2>\(Self.escape(kind.heading)) (\(count))</h2>\n<ul>\n"
            + shown.map(item).joined() + "</ul>\n" + more
    }

    private func item(_ finding: Finding) -> String {
        "<li><strong>\(finding.severity.rawValue)</strong> \(Self.escape(finding.title))<br>"
            + "<em>\(Self.escape(finding.action))</em></li>\n"
    }

    /// Text that HTML shows as it is, between tags and in attributes.
    static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

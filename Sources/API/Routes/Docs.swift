import Core
import HTTPTypes

extension Routes {
    /// `/docs`: a page that reads `/openapi.json` and lets people try it.
    enum Docs {
        static let routes = [
            Route(.get, "/docs", "Show the documentation.", page).open()
                .answering(reply("The page.", "text/html")),
            Route(.get, "/docs.css", "Style the documentation.", style).open()
                .answering(reply("The style.", "text/css")),
            Route(.get, "/docs.js", "Bring the documentation to life.", script).open()
                .answering(reply("The script.", "text/javascript")),
        ]

        private static func reply(_ about: String, _ type: String) -> Route.Reply {
            Route.Reply(status: 200, about: about, schema: Schema.string, type: type)
        }

        /// Only what this server itself serves is loaded and called.
        private static let policy =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

        static func page(_ call: Call) async throws -> Answer {
            part(PackageResources.docs_html, "text/html; charset=utf-8")
                .with(.contentSecurityPolicy, policy)
        }

        static func style(_ call: Call) async throws -> Answer {
            part(PackageResources.docs_css, "text/css; charset=utf-8")
        }

        static func script(_ call: Call) async throws -> Answer {
            part(PackageResources.docs_js, "text/javascript; charset=utf-8")
        }

        private static func part(_ bytes: [UInt8], _ type: String) -> Answer {
            Answer(text: String(decoding: bytes, as: UTF8.self), type: type)
                .with(.cacheControl, "no-cache")
        }
    }
}

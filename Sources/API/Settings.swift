import Accounts
import Queue

extension API {
    /// How the API is set up: read elsewhere, checked, and handed down.
    package struct Settings: Sendable {
        package var host = "127.0.0.1"
        /// 0 takes any free port.
        package var port = 8080
        /// The origins whose pages may call the API, such as `https://app.example.org`; `*` allows all.
        package var allowedOrigins: Set<String> = []
        /// True when `/metrics` and the details of health ask for no key, as on loopback.
        package var metricsAreOpen = true
        /// The folder of uploads, on a disk that the workers share.
        package var uploads: String
        package var version: String
        package var bounds = Bounds()
        /// Beyond which alerts are raised.
        package var thresholds = Thresholds()
        /// The secret that signs what a workspace is called back with; nil where there are no callbacks.
        package var callbackSecret: (@Sendable (_ workspace: String) -> String)?

        /// How many requests a caller may make; nil where they are not counted.
        package var quota: Quota?
        /// How many tries to log in or register one address may make; nil where they are not counted.
        package var entryQuota: Quota?
        /// How many calls one hook takes from its provider; nil where they are not counted.
        package var hookQuota: Quota?
        /// The proxies before the API that name their callers in `X-Forwarded-For`.
        package var proxies = 0
        /// Where the outside reaches the API, such as `https://atom.example.org`; nil where that is host and
        /// port.
        package var publicURL: String?
        /// The secrets of access tokens; nil where one is made up and kept in the database.
        package var keyring: Keyring?

        /// Hears of every answer: its method, the path of its route and its status. For tests.
        package var onAnswer: (@Sendable (_ method: String, _ route: String, _ status: Int) -> Void)?

        package init(uploads: String, version: String) {
            self.uploads = uploads
            self.version = version
        }

        /// The most bytes a body may have.
        package struct Bounds: Sendable {
            /// One job: its arguments, which have a bound of their own, and what stands around them.
            package var job = Queue.payloadLimit + 262_144
            package var batch = 33_554_432
            /// Any other JSON.
            package var document = 262_144
            package var upload = 1_073_741_824

            package init() {}
        }
    }
}

import Core
import Curl

extension Failure {
    /// What a broken transfer means for the one who asked for it.
    init(_ fault: Curl.Fault) {
        let kind: Kind =
            switch fault.kind {
            case .invalid: .invalid
            case .refused: .unauthorized
            case .forbiddenAddress: .forbidden
            case .unresolved, .unreachable, .untrusted, .connectTimeout, .firstByteTimeout, .totalTimeout,
                .lost,
                .tooLarge, .redirected, .full, .closed:
                .unavailable
            }
        // Whoever names an address may not learn what our network resolves it to.
        let message =
            kind == .forbidden ? "The address leads to where nothing may be sent." : fault.message
        self.init(kind, message, cause: fault)
    }
}

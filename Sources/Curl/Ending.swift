import CCurl

/// How a transfer ended, as libcurl and the loop saw it.
struct Ending: Sendable {
    let code: CURLcode
    let stop: Transfer.Stop?
    /// The address refused by the guard, when there was no other to connect to.
    let refusedPeer: IPAddress?
    /// True when the request went out, at least in part.
    let wasSent: Bool
    let complaint: String
    let retryAfter: Duration?
    let metrics: Curl.Metrics

    /// The error it amounts to; nil when it is none.
    var error: (any Error)? {
        switch stop {
        case .cancelled: return CancellationError()
        case .closed: return fault(.closed, "The transfer was ended because Curl was closed.")
        case .unwanted: return fault(.closed, "It came too late: it is not wanted any more.")
        case .firstByte: return fault(.firstByteTimeout, "No answer began in time.")
        case nil: break
        }
        guard code != CURLE_OK else { return nil }
        if let refusedPeer {
            return fault(.forbiddenAddress, "The address \(refusedPeer) must not be connected to.")
        }
        return fault(kind, words)
    }

    private func fault(_ kind: Curl.Fault.Kind, _ message: String) -> Curl.Fault {
        Curl.Fault(kind, message, mayHaveArrived: wasSent)
    }

    private var words: String {
        let text = complaint.isEmpty ? String(cString: curl_easy_strerror(code)) : complaint
        return text.hasSuffix(".") ? text : text + "."
    }

    private var kind: Curl.Fault.Kind {
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED, CURLE_BAD_FUNCTION_ARGUMENT:
            .invalid
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unresolved
        case CURLE_COULDNT_CONNECT: .unreachable
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED,
            CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
            .untrusted
        case CURLE_OPERATION_TIMEDOUT: wasSent ? .totalTimeout : .connectTimeout
        case CURLE_WRITE_ERROR, CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_TOO_MANY_REDIRECTS: .redirected
        default: .lost
        }
    }
}

import Hummingbird
import NIOCore

/// What the server knows of one request before any route does.
package struct Visit: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// What the caller and our log call this request.
    var requestID = ""
    /// The other end of the connection; nil where it has no address.
    let address: String?
    /// What is learnt on the way.
    let memo = Memo()

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }
}

import Hummingbird

/// What the server knows of one request before any route does.
package struct Visit: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// What the caller and our log call this request.
    var requestID = ""

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}

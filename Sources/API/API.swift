import Core
import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore
import ServiceLifecycle

/// The HTTP door of the house: every route, and the server that answers them.
package struct API: Sendable {
    private let office: Office
    private let routes = Routes.all

    package init(_ house: House) {
        office = Office(house, document: Document(routes, version: house.settings.version).json)
    }

    /// The routes as the router has them, such as `GET /api/jobs/{id}`.
    package var registered: [String] {
        router().routes.map { "\($0.method.rawValue) \($0.path)" }
    }

    package func router() -> Router<Visit> {
        let router = Router(context: Visit.self, options: .autoGenerateHeadEndpoints)
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { [office] request, visit in
                try await route.serve(request, visit, office)
            }
        }
        return router
    }

    /// The server as a service that stops gracefully: it answers what it has begun and takes nothing new.
    ///
    /// - Parameters:
    ///   - builder: how connections are set up, where another protocol shares the port.
    ///   - onRunning: hears the port once the server listens.
    package func service(
        builder: HTTPServerBuilder? = nil, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> Listener {
        let settings = office.settings
        let front = Front(inner: router().buildResponder(), office: office, map: RouteMap(routes))
        let application = Application(
            responder: front, server: builder ?? Listener.http,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(Limits.connections)),
            onServerRunning: { await onRunning($0.localAddress?.port ?? settings.port) },
            logger: office.house.log)
        return Listener(application: application, place: "\(settings.host):\(settings.port)")
    }
}

extension API {
    /// The running server.
    package struct Listener: Service {
        let application: Application<Front>
        let place: String

        package func run() async throws {
            do { try await application.run() } catch let error as IOError where error.errnoCode == EADDRINUSE
            {
                throw Failure(
                    .unavailable,
                    "\(place) is in use by another program. Stop it, or set ATOM_PORT to another port."
                )
            }
        }

        /// HTTP/1.1 with bounded headers; a connection on which nothing moves is closed.
        package static var http: HTTPServerBuilder {
            .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: .seconds(Limits.idle_s),
                    httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                        maxHeaderFieldSize: Limits.header, maxHeaderListSize: Limits.headers,
                        maxHeaderFieldCount: 100)))
        }
    }
}

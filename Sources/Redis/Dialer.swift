import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Opens connections to one endpoint, each with its TLS and its greeting.
struct Dialer: Sendable {
    let endpoint: Endpoint
    let limits: Limits
    private var greeting: Greeting
    private let security: NIOSSLContext?

    init(_ endpoint: Endpoint, name: String, limits: Limits) throws(Fault) {
        self.endpoint = endpoint
        self.limits = limits
        greeting = Greeting(endpoint, name: name)
        security = try endpoint.trust.map { trust throws(Fault) in try Self.context(trust) }
    }

    /// The same for a connection of another name.
    func renamed(_ name: String) -> Dialer {
        var dialer = self
        dialer.greeting = Greeting(endpoint, name: name)
        return dialer
    }

    func dial(for line: Line, round: Int, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(limits.dialPatience))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let security { try channel.pipeline.syncOperations.addHandler(lock(security)) }
                    let wire = Wire(line, round: round, greeting: greeting)
                    try channel.pipeline.syncOperations.addHandler(wire)
                }
            }
        return switch endpoint.address {
        case .tcp(let host, let port): tuned(bootstrap).connect(host: host, port: port)
        case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    /// Small writes leave at once; the kernel notices a dead peer after 2 + 3 x 1 seconds of silence.
    private func tuned(_ bootstrap: ClientBootstrap) -> ClientBootstrap {
        let tuned =
            bootstrap
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
        #if os(Linux)
            return
                tuned
                .channelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 2)
                .channelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 1)
                .channelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 3)
        #else
            return tuned
        #endif
    }

    private func lock(_ security: NIOSSLContext) throws -> NIOSSLClientHandler {
        guard case .tcp(let host, _) = endpoint.address else {
            return try NIOSSLClientHandler(context: security, serverHostname: nil)
        }
        let isNumeric = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: security, serverHostname: isNumeric ? nil : host)
    }

    private static func context(_ trust: Endpoint.Trust) throws(Fault) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.shutdownTimeout = .seconds(1)
        switch trust {
        case .system: break
        case .authority(let path): configuration.trustRoots = .file(path)
        case .anyone: configuration.certificateVerification = .none
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .invalid("The certificates for rediss:// cannot be read (\(explain(error))); see tls_ca.")
        }
    }

    /// The shortest true sentence about a failed connection.
    static func explain(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            let causes =
                error.connectionErrors.map(\.error)
                + [error.dnsAError, error.dnsAAAAError].compactMap(\.self)
            return causes.first.map(explain) ?? "\(error)"
        case ChannelError.connectTimeout: return "nobody answered in time"
        default: return "\(error)"
        }
    }
}

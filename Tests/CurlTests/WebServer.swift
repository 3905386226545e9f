import Foundation

/// An HTTPS server of Python's library, since the tests' own servers speak no TLS.
final class WebServer: Sendable {
    let port: UInt16
    private let program: Program

    private static let source = """
        import sys, ssl, threading, http.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'ok')
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Answer)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        print(server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        """

    init(_ certificates: Certificates) async throws {
        let arguments = ["-c", Self.source, certificates.certificate, certificates.key]
        program = try Program("/usr/bin/python3", arguments)
        port = UInt16(await program.line(1)) ?? 0
    }
}

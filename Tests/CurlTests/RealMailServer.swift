import Foundation

/// A mail server written by others: aiosmtpd, with STARTTLS or TLS and a login of `user` and `secret`.
final class RealMailServer: Sendable {
    let port: UInt16
    private let program: Program

    static func isInstalled() async -> Bool {
        await (try? run("/usr/bin/python3", ["-c", "import aiosmtpd"])) != nil
    }

    private static let source = """
        import asyncio, json, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult
        mode, cert, key = sys.argv[1:4]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        def login(server, session, envelope, mechanism, data):
            return AuthResult(success=data.login == b'user' and data.password == b'secret', handled=False)
        class Keep:
            async def handle_DATA(self, server, session, envelope):
                print(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos,
                    'tls': session.ssl is not None or mode == 'tls', 'login': session.authenticated,
                    'text': envelope.content.decode('latin-1')}), flush=True)
                return '250 2.0.0 kept'
        def session():
            starttls = context if mode == 'starttls' else None
            return SMTP(Keep(), hostname='localhost', authenticator=login, auth_required=True,
                tls_context=starttls, require_starttls=mode == 'starttls',
        auth_require_tls=mode == 'starttls')
        async def main():
            loop = asyncio.get_running_loop()
            server = await loop.create_server(session, '127.0.0.1', 0, ssl=context if mode == 'tls' else None)
            print(server.sockets[0].getsockname()[1], flush=True)
            await loop.run_in_executor(None, sys.stdin.read)
        asyncio.run(main())
        """

    init(_ mode: String, _ certificates: Certificates) async throws {
        let arguments = ["-c", Self.source, mode, certificates.certificate, certificates.key]
        program = try Program("/usr/bin/python3", arguments)
        port = UInt16(await program.line(1)) ?? 0
    }

    struct Kept: Decodable {
        let from: String
        let to: [String]
        let tls: Bool
        let login: Bool
        let text: String
    }

    /// The mail with this number, counted from 1.
    func mail(_ number: Int) async throws -> Kept {
        try JSONDecoder().decode(Kept.self, from: Data(await program.line(1 + number).utf8))
    }
}

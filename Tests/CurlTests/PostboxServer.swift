import Foundation

/// A small IMAP server in another program, with STARTTLS or TLS and a login of `user` and `secret`.
///
/// It knows what a reader needs (CAPABILITY, LOGIN, AUTHENTICATE, EXAMINE, UID SEARCH, UID FETCH), and writes
/// down every command.
final class PostboxServer: Sendable {
    let port: UInt16
    private let program: Program

    private static let source = """
        import base64, json, re, socket, ssl, sys, threading
        mode, cert, key, box = sys.argv[1:5]
        box = json.loads(box)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if mode != 'clear': context.load_cert_chain(cert, key)
        def talk(sock):
            if mode == 'tls': sock = context.wrap_socket(sock, server_side=True)
            state = {'file': sock.makefile('rb'), 'sock': sock}
            def say(text):
                raw = text if isinstance(text, bytes) else (text + '\\r\\n').encode()
                state['sock'].sendall(raw)
            sasl = box.get('sasl')
            open = 'IMAP4rev1 SASL-IR AUTH=' + (sasl or 'PLAIN AUTH=XOAUTH2')
            caps = 'IMAP4rev1 STARTTLS LOGINDISABLED' if mode == 'starttls' else open
            say('* OK ready')
            while True:
                line = state['file'].readline()
                if not line: return
                line = line.decode().rstrip('\\r\\n')
                tag, _, command = line.partition(' ')
                word = command.split(' ')[0].upper()
                secret = word in ('LOGIN', 'AUTHENTICATE')
                print(word if secret else command, flush=True)
                if word == 'CAPABILITY':
                    say('* CAPABILITY ' + caps); say(tag + ' OK done')
                elif word == 'STARTTLS':
                    say(tag + ' OK go')
                    state['sock'] = context.wrap_socket(state['sock'], server_side=True)
                    state['file'] = state['sock'].makefile('rb')
                    caps = open
                elif sasl and word == 'AUTHENTICATE':
                    response = command.split(' ')[2:]
                    if not response:
                        say('+ ' + base64.b64encode(box['challenge'].encode()).decode())
                        response = [state['file'].readline().decode().strip()]
                    print('SASL ' + response[0], flush=True)
                    say(tag + ' OK in')
                elif secret:
                    good = [base64.b64encode(b'\\0user\\0secret').decode(),
                        base64.b64encode(b'user=user\\1auth=Bearer secret\\1\\1').decode()]
                    isRight = any(w in command for w in good + ['LOGIN user secret', 'LOGIN "user" "secret"'])
                    say(tag + (' OK in' if isRight else ' NO [AUTHENTICATIONFAILED] no'))
                elif word == 'EXAMINE':
                    if box.get('refuses'): say(tag + ' NO [NONEXISTENT] no such folder'); continue
                    say('* %d EXISTS' % len(box['mails']))
                    say('* OK [UIDVALIDITY %d] valid' % box['validity'])
                    say('* OK [UIDNEXT %d] next' % box['next'])
                    say(tag + ' OK [READ-ONLY] examined')
                elif command.startswith('UID SEARCH'):
                    uids = sorted(int(u) for u in box['mails'])
                    found = re.search(r'UID (\\d+):', command)
                    if found:
                        start = int(found[1])
                        uids = [u for u in uids if u >= start] or uids[-1:]
                    say('* SEARCH' + ''.join(' %d' % u for u in uids)); say(tag + ' OK done')
                elif command.startswith('UID FETCH') and 'RFC822.SIZE' in command:
                    for number in command.split(' ')[2].split(','):
                        mail = box['mails'].get(number)
                        if mail is not None:
                            size = box.get('sizes', {}).get(number, len(mail.encode()))
                            say('* 1 FETCH (UID %s RFC822.SIZE %d)' % (number, size))
                    say(tag + ' OK done')
                elif command.startswith('UID FETCH'):
                    number = command.split(' ')[2]
                    mail = box['mails'].get(number)
                    if box.get('hangs'): return
                    say('* 9 EXISTS')
                    if mail is not None and number not in box.get('gone', []):
                        if 'HEADER' in command: mail = mail.split('\\r\\n\\r\\n')[0] + '\\r\\n\\r\\n'
                        raw = mail.encode()
                        head = '* 1 FETCH (UID %s BODY[] {%d}\\r\\n' % (number, len(raw))
                        say(head.encode() + raw + b')\\r\\n')
                    say(tag + ' OK done')
                elif word == 'LOGOUT':
                    say('* BYE'); say(tag + ' OK'); return
                else: say(tag + ' BAD what')
        server = socket.create_server(('127.0.0.1', 0))
        print(server.getsockname()[1], flush=True)
        def serve():
            while True:
                sock, _ = server.accept()
                def one(sock=sock):
                    try: talk(sock)
                    except (OSError, ValueError): pass
                    finally: sock.close()
                threading.Thread(target=one, daemon=True).start()
        threading.Thread(target=serve, daemon=True).start()
        sys.stdin.read()
        """

    /// - Parameter box: `validity`, `next`, `mails` by their numbers; `sizes`, `gone`, `hangs`, `refuses`;
    ///   with `sasl`, the one way to log in, what is shown then is written down.
    init(_ mode: String, _ certificates: Certificates, _ box: String) async throws {
        let arguments = ["-c", Self.source, mode, certificates.certificate, certificates.key, box]
        program = try Program("/usr/bin/python3", arguments)
        port = UInt16(await program.line(1)) ?? 0
    }

    /// The commands that came so far.
    var commands: [String] { Array(program.lines.values.dropFirst()) }
}

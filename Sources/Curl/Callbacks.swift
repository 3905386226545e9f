import CCurl
import Foundation

/// The C functions libcurl calls on the loop's thread; each finds its transfer and asks it.
enum Callbacks {
    static let all = curl_callbacks(
        body: body, header: header, upload: upload, rewind: rewind, dialogue: dialogue, progress: progress,
        connect: connect, request: request)

    private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func bytes(
        _ data: UnsafeMutablePointer<CChar>?, _ count: Int
    ) -> UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(start: data, count: count).assumingMemoryBound(to: UInt8.self)
    }

    private static let body: curl_write_callback = { data, size, count, context in
        switch transfer(context)?.conversation.take(bytes(data, size * count)) {
        case .kept: size * count
        case .later: Int(CURL_WRITEFUNC_PAUSE)
        // Fewer bytes than offered end the transfer; one too many does so even for an empty piece.
        case .refused, nil: size * count + 1
        }
    }

    private static let header: curl_write_callback = { data, size, count, context in
        let isHeard = transfer(context)?.conversation.hear(line: bytes(data, size * count)) ?? false
        return isHeard ? size * count : size * count + 1
    }

    private static let upload: curl_read_callback = { buffer, size, count, context in
        let room = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
        return transfer(context)?.conversation.source.give(into: room) ?? Int(CURL_READFUNC_ABORT)
    }

    private static let rewind: curl_seek_callback = { context, offset, origin in
        guard origin == SEEK_SET, let source = transfer(context)?.conversation.source else {
            return CURL_SEEKFUNC_FAIL
        }
        return source.rewind(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
    }

    private static let dialogue: curl_debug_callback = { _, kind, data, count, context in
        if kind == CURLINFO_HEADER_OUT { transfer(context)?.conversation.note(command: bytes(data, count)) }
        return 0
    }

    private static let progress: curl_xferinfo_callback = { context, _, _, _, _ in
        guard let transfer = transfer(context) else { return 1 }
        return transfer.conversation.stopsByCallback && transfer.isStopped ? 1 : 0
    }

    private static let connect: curl_opensocket_callback = { context, _, peer in
        guard let peer, let address = IPAddress(curl_peer(peer)), let transfer = transfer(context),
            transfer.mayConnect(to: address)
        else { return CURL_SOCKET_BAD }
        // A child process, such as a private redis-server, must not inherit the connection.
        let kind = peer.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(peer.pointee.family, kind, peer.pointee.protocol)
    }

    private static let request: curl_prereq_callback = { context, peer, _, _, _ in
        let address = peer.flatMap { IPAddress(String(cString: $0)) }
        return transfer(context)?.maySend(to: address) == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
}

import CCurl

/// The transfers that libcurl is working on; belongs to the loop's thread.
struct Running {
    private let multi: UnsafeMutableRawPointer
    private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
    /// When a transfer without an answer is given up.
    private var deadlines: [UnsafeMutableRawPointer: ContinuousClock.Instant] = [:]

    /// Called when a place comes free, before anybody hears of the end: whoever follows finds it.
    private let free: () -> Void

    init(_ multi: UnsafeMutableRawPointer, free: @escaping () -> Void) {
        self.multi = multi
        self.free = free
    }

    var count: Int { transfers.count }

    mutating func start(_ transfer: Transfer) {
        let handle = transfer.easy.handle
        guard curl_multi_add_handle(multi, handle) == CURLM_OK else {
            free()
            return transfer.end(CURLE_OUT_OF_MEMORY)
        }
        transfers[handle] = transfer
        deadlines[handle] = transfer.conversation.firstByteTimeout.map { ContinuousClock.now + $0 }
    }

    /// Lets libcurl read and write whatever can be, then lets go of what has ended; tells how many that were.
    mutating func work() -> Int {
        let before = count
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else {
                continue
            }
            end(handle, curl_message_result(message))
        }
        expire()
        return before - count
    }

    /// Ends `transfer` for its own reason, at once or at its next callback.
    mutating func stop(_ transfer: Transfer) {
        guard !transfer.conversation.stopsByCallback else { return }
        end(transfer.easy.handle, CURLE_ABORTED_BY_CALLBACK)
    }

    /// Goes on with a transfer that was paused; does nothing when it has ended meanwhile.
    func resume(_ transfer: Transfer) {
        guard transfers[transfer.easy.handle] != nil else { return }
        curl_easy_pause(transfer.easy.handle, CURLPAUSE_CONT)
    }

    /// How long the next call of `work` may wait, in milliseconds, with nothing to read or write.
    var patience_ms: Int32 {
        // libcurl notices a mail server's silence only when it is called.
        let longest = transfers.isEmpty ? 60_000 : 1_000
        guard let deadline = deadlines.values.min() else { return Int32(longest) }
        let left = ContinuousClock.now.duration(to: deadline).milliseconds + 1
        return Int32(max(0, min(left, longest)))
    }

    var all: [Transfer] { Array(transfers.values) }

    private mutating func expire() {
        guard !deadlines.isEmpty else { return }
        let now = ContinuousClock.now
        for (handle, deadline) in deadlines {
            if transfers[handle]?.conversation.hasBegun != false {
                deadlines[handle] = nil
            } else if deadline <= now, let transfer = transfers[handle] {
                transfer.stop(.firstByte)
                stop(transfer)
            }
        }
    }

    private mutating func end(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) {
        deadlines[handle] = nil
        guard let transfer = transfers.removeValue(forKey: handle) else { return }
        curl_multi_remove_handle(multi, handle)
        free()
        transfer.end(code)
    }
}

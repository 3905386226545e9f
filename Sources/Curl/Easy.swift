import CCurl
import Foundation

/// One transfer's handle of libcurl, with the lists and the buffer it points into.
///
/// It is touched by one thread at a time: by its maker until it is handed to a loop, then by that loop.
final class Easy: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let complaint: UnsafeMutablePointer<CChar>

    init() throws {
        guard Self.isReady, let handle = curl_easy_init() else {
            throw Curl.Fault(.full, "libcurl has no memory for another transfer.")
        }
        self.handle = handle
        complaint = .allocate(capacity: Int(CURL_ERROR_SIZE))
        complaint.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        curl_set_buffer(handle, CURLOPT_ERRORBUFFER, complaint)
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
        complaint.deallocate()
    }

    /// What libcurl wrote about the failure; empty when it wrote nothing.
    var complaintText: String { String(cString: complaint) }

    func set(_ option: CURLoption, _ value: Int) throws { try check(curl_set_long(handle, option, value)) }

    func set(_ option: CURLoption, _ value: Bool) throws { try set(option, value ? 1 : 0) }

    func set(_ option: CURLoption, offset value: Int) throws {
        try check(curl_set_offset(handle, option, curl_off_t(value)))
    }

    func set(_ option: CURLoption, _ value: String) throws {
        // A zero byte would end the text for C and hide the rest of it from libcurl.
        guard !value.utf8.contains(0) else { throw Curl.Fault(.invalid, "A text holds a zero byte.") }
        try check(curl_set_text(handle, option, value))
    }

    /// Milliseconds, at least 1, because libcurl takes 0 for "no limit".
    func set(_ option: CURLoption, _ value: Duration) throws { try set(option, max(1, value.milliseconds)) }

    func set(_ option: CURLoption, _ lines: [String]) throws {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                throw Curl.Fault(.full, "libcurl has no memory for a list.")
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        try check(curl_set_list(handle, option, list))
    }

    func long(_ info: CURLINFO) -> Int { curl_get_long(handle, info) }

    func offset(_ info: CURLINFO) -> Int64 { Int64(curl_get_offset(handle, info)) }

    func text(_ info: CURLINFO) -> String { curl_get_text(handle, info).map { String(cString: $0) } ?? "" }

    /// The microseconds `info` tells; nil for 0, which says that it did not happen.
    func time(_ info: CURLINFO) -> Duration? {
        let microseconds = offset(info)
        return microseconds > 0 ? .microseconds(microseconds) : nil
    }

    func seconds(_ info: CURLINFO) -> Duration? {
        let seconds = offset(info)
        return seconds > 0 ? .seconds(seconds) : nil
    }

    private func check(_ code: CURLcode) throws {
        guard code != CURLE_OK else { return }
        throw Curl.Fault(.invalid, String(cString: curl_easy_strerror(code)) + ".")
    }

    /// libcurl's own start, once a process.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

extension Duration {
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

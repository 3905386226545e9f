import CCurl

extension Curl {
    /// What one transfer took; times count from its start, nil when it did not get that far.
    package struct Metrics: Sendable, Hashable {
        package let nameLookup: Duration?
        package let connect: Duration?
        /// The TLS handshake is over.
        package let secure: Duration?
        package let firstByte: Duration?
        package let total: Duration
        package let bytesUp: Int64
        package let bytesDown: Int64
        /// True when it went over a connection that an earlier transfer had opened.
        package let isReused: Bool
        /// The address spoken to, with its port, such as `192.0.2.7:443`; nil without a connection.
        package let peer: String?

        init(_ easy: Easy) {
            nameLookup = easy.time(CURLINFO_NAMELOOKUP_TIME_T)
            connect = easy.time(CURLINFO_CONNECT_TIME_T)
            secure = easy.time(CURLINFO_APPCONNECT_TIME_T)
            firstByte = easy.time(CURLINFO_STARTTRANSFER_TIME_T)
            total = easy.time(CURLINFO_TOTAL_TIME_T) ?? .zero
            bytesUp = easy.offset(CURLINFO_SIZE_UPLOAD_T)
            bytesDown = easy.offset(CURLINFO_SIZE_DOWNLOAD_T)
            let address = easy.text(CURLINFO_PRIMARY_IP)
            isReused = !address.isEmpty && easy.long(CURLINFO_NUM_CONNECTS) == 0
            peer = address.isEmpty ? nil : Self.host(address) + ":\(easy.long(CURLINFO_PRIMARY_PORT))"
        }

        private static func host(_ address: String) -> String {
            address.contains(":") ? "[\(address)]" : address
        }
    }
}

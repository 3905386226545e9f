import Foundation

/// A folder with a certificate authority and a certificate for `localhost`, not for its address.
final class Certificates: Sendable {
    let folder = NSTemporaryDirectory() + "certificates-\(UUID().uuidString)"
    var authority: String { folder + "/ca.pem" }
    var certificate: String { folder + "/cert.pem" }
    var key: String { folder + "/key.pem" }

    init() async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let extensions = "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n"
        try extensions.write(toFile: folder + "/ext", atomically: true, encoding: .utf8)
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await Self.openssl(
            in: folder,
            ["req", "-x509", "-days", "2", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem"]
                + key)
        try await Self.openssl(
            in: folder, ["req", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.csr"] + key)
        try await Self.openssl(
            in: folder,
            [
                "x509", "-req", "-days", "2", "-in", "cert.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial",
            ]
                + ["-extfile", "ext", "-out", "cert.pem"])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func openssl(in folder: String, _ arguments: [String]) async throws {
        _ = try await run("/usr/bin/env", ["-C", folder, "openssl"] + arguments)
    }
}

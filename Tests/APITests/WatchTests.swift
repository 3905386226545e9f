import Core
import Foundation
import Testing

@testable import API

@Suite struct `The OpenAPI document` {
    @Test func `names exactly the routes that are registered`() async throws {
        try await Running.with { house in
            let document = try await house.ask("GET", "/openapi.json", as: .init(type: nil)).json
            #expect(document["openapi"]?.string == "3.1.0")
            #expect(document["info"]?["version"]?.string == "1.2.3")
            let paths = try #require(document["paths"]?.members)
            let described = paths.flatMap { path in
                (path.value.members ?? []).map { "\($0.name.uppercased()) \(path.name)" }
            }
            #expect(described.count == Set(described).count)
            #expect(Set(described) == Set(house.registered))
        }
    }
}

@Suite struct `The state of the house` {
    @Test func `is told part by part`() async throws {
        try await Running.with { house in
            _ = try await house.post("/api/jobs", ["name": "analyze_workspace"])
            let status = try await house.ask("GET", "/api/health/status", as: .init(type: nil))
            #expect(status.status == 200)
            let checks = status.json["checks"]
            #expect(checks?["redis"]?["eviction_policy"]?.string == "noeviction")
            #expect(checks?["database"]?["status"]?.string == "ok")
            #expect(checks?["workers"]?["status"]?.string == "degraded")
            #expect(checks?["backlog"]?["waiting"] == 1)
            #expect(status.json["status"]?.string == "degraded")
        }
    }

    @Test func `G8 is measured in a format that Prometheus reads`() async throws {
        try await Running.with { house in
            _ = try await house.post("/api/jobs", ["name": "analyze_workspace", "priority": "low"])
            _ = try await house.get("/api/jobs/\(ID())")
            _ = try await house.get("/nowhere/\(ID())")
            let metrics = try await house.ask("GET", "/metrics", as: .init(type: nil))
            #expect(metrics["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            let lines = metrics.text.split(separator: "\n").map(String.init)
            #expect(lines.contains("atom_queue_waiting_jobs{queue=\"default\",level=\"low\"} 1"))
            #expect(lines.contains("atom_jobs_total{queue=\"default\",event=\"enqueued\"} 1"))
            let one = "method=\"POST\",route=\"/api/jobs\",status=\"202\""
            #expect(lines.contains("atom_http_requests_total{\(one)} 1"))
            let gone = "method=\"GET\",route=\"/api/jobs/{id}\",status=\"404\""
            #expect(lines.contains("atom_http_requests_total{\(gone)} 1"))
            #expect(
                lines.contains("atom_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1"))
            #expect(lines.contains { $0.hasPrefix("process_resident_memory_bytes ") })
            #expect(lines.contains("atom_up{part=\"redis\"} 1"))
            #expect(try Promtool.complaints(about: metrics.text) == "")
        }
    }

    @Test func `is shown only with a key where metrics are closed`() async throws {
        try await Running.with(adjust: { $0.metricsAreOpen = false }) { house in
            let shut = try await house.ask("GET", "/metrics", as: .init(type: nil))
            #expect(shut.status == 401)
            #expect(try await house.get("/metrics", key: house.viewer).status == 200)
            let glance = try await house.ask("GET", "/api/health/status", as: .init(type: nil))
            #expect(glance.json["checks"]?["redis"]?.members?.map(\.name) == ["status"])
            let look = try await house.get("/api/health/status")
            #expect(look.json["checks"]?["redis"]?["version"]?.string != nil)
        }
    }
}

/// Prometheus' own checker, where it is installed.
private enum Promtool {
    static func complaints(about metrics: String) throws -> String {
        let path = "/usr/bin/promtool"
        guard FileManager.default.isExecutableFile(atPath: path) else { return "" }
        let (process, input, output) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(filePath: path)
        process.arguments = ["check", "metrics"]
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, output)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(metrics.utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text : "status \(process.terminationStatus): \(text)"
    }
}

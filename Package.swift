// swift-tools-version: 6.2
import PackageDescription

// The plan of the house. A numbered comment opens a floor; a line is a room.
// A room uses only rooms on lower floors; Tests/HouseTests reads this file and holds it to that.
let package = Package(
    name: "atom",
    platforms: [.macOS(.v15)],
    products: [
        .library(
            name: "AtomQueue",
            targets: ["Core", "Calendar", "Redis", "Queue", "Work", "Worker", "Scheduler"]),
        .executable(name: "atom", targets: ["atom"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // 0. Ground: C libraries, a module map and a few inline shims each.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),

        // 1. The words of work, and the wires that know no words.
        .room("Core", uses: "CZlib"),
        .room("Redis", uses: "CHiredis", borrows: .nio, .nioPosix, .nioSSL, .log),
        .room("SQL", uses: "CPostgres", "CSQLite", borrows: .log),
        .room("Curl", uses: "CCurl"),

        // 2. The queue's verbs, the only room that knows a Redis key; the words and rules of the domain.
        .room("Queue", uses: "Core", "Redis", borrows: .log, embeds: "Lua"),
        .room("Workspace", uses: "Core"),
        .room("Calendar", uses: "Core"),
        .room("Accounts", uses: "Core", "CCrypt", borrows: .crypto),
        .room("GraphQL", uses: "Core"),

        // 3. What a job is and how one attempt is run; the tables; the services outside.
        .room("Work", uses: "Core", "Queue", borrows: .log, .tracing),
        .room(
            "Store", uses: "Core", "SQL", "Workspace", "Calendar", "Accounts",
            borrows: .crypto, .log, embeds: "Migrations"),
        .room("Integrations", uses: "Core", "Curl", borrows: .crypto, .log),

        // 4. Running work; what falls due; what jobs share.
        .room("Worker", uses: "Core", "Redis", "Queue", "Work", borrows: .lifecycle, .log, .nio),
        .room(
            "Scheduler", uses: "Core", "Calendar", "Redis", "Queue", "Work",
            borrows: .lifecycle, .log, .yams),
        .room(
            "Automation", uses: "Core", "Queue", "Workspace", "Store", "Integrations",
            borrows: .crypto, .lifecycle, .log),

        // 5. What the product does: one job, one file.
        .room(
            "Jobs", at: "jobs", uses: "Core", "Work", "Store", "Workspace", "Integrations", "Automation",
            borrows: .log),

        // 6. The doors to the outside.
        .room(
            "API", uses: "Core", "Accounts", "Calendar", "GraphQL", "Redis", "Queue", "Workspace", "Work",
            "Store", "Integrations", "Scheduler", "Automation",
            borrows: .crypto, .httpServer, .httpTypes, .hummingbird, .lifecycle, .log, .nio, .tracing,
            embeds: "Page"),
        .room(
            "Relay", uses: "Core", "Redis", "Queue",
            borrows: .nio, .nioHTTP, .nioPosix, .nioWebSocket, .lifecycle, .log),

        // 7. One command.
        .executableTarget(
            name: "atom",
            dependencies: [
                "Core", "Accounts", "Calendar", "Redis", "SQL", "Curl", "Queue", "Work", "Store",
                "Integrations", "Worker", "Scheduler", "Automation", "Jobs", "API", "Relay",
                .argumentParser, .configuration, .httpServer, .lifecycle, .log, .nio, .nioHTTP, .nioHTTPTypes,
                .nioHTTPTypesHTTP1, .nioPosix, .nioWebSocket, .signals,
            ],
            path: "Sources/atom", swiftSettings: .house),

        // Tests mirror the rooms; TestHouse gives each test a fresh house.
        .target(
            name: "TestHouse", dependencies: ["Core", "Redis", "SQL", "Queue", "Store"],
            path: "Tests/TestHouse", swiftSettings: .house),
        .tests("House"),
        .tests("Core"),
        .tests("Redis", needs: .nio, .nioPosix),
        .tests("SQL"),
        .tests("Curl"),
        .tests("Queue", "Core", "Redis"),
        .tests("Workspace", "Core"),
        .tests("Calendar", "Core"),
        .tests("Accounts", "Core", needs: .crypto),
        .tests("GraphQL", "Core"),
        .tests("Work", "Core", "Redis", "Queue", needs: .log, .tracing),
        .tests("Store", "Core", "SQL", "Workspace", "Calendar", "Accounts"),
        .tests("Integrations", "Core", "Curl", needs: .crypto),
        .tests("Worker", "Core", "Redis", "Queue", "Work", "Scheduler", needs: .lifecycle, .log),
        .tests(
            "Scheduler", "Core", "Calendar", "Redis", "Queue", "Work", needs: .log),
        .tests(
            "Automation", "Core", "Redis", "SQL", "Curl", "Queue", "Workspace", "Store", "Integrations",
            needs: .crypto, .log),
        .tests(
            "Jobs", "Core", "Redis", "SQL", "Curl", "Queue", "Work", "Store", "Workspace", "Integrations",
            "Automation"),
        .tests(
            "API", "Core", "Accounts", "Redis", "Curl", "Queue", "Workspace", "Work", "Store", "Integrations",
            "Automation", "Jobs", needs: .httpTypes),
        .tests("Relay", "Core", "Redis", "Queue", needs: .log, .nio, .nioPosix),
    ]
)

extension Target {
    /// A room of the house: its sources, the rooms below it that it uses, the outside products it borrows.
    static func room(
        _ name: String, at path: String? = nil, uses rooms: String...,
        borrows products: Target.Dependency..., embeds folder: String? = nil
    ) -> Target {
        .target(
            name: name, dependencies: rooms.map { .byName(name: $0) } + products,
            path: path ?? "Sources/\(name)",
            exclude: name == "Jobs" ? ["schedules.yml"] : [],
            resources: folder.map { [.embedInCode($0)] } ?? [], swiftSettings: .house)
    }

    /// The tests of one room, which may use the rooms named and TestHouse.
    static func tests(_ room: String, _ others: String..., needs products: Target.Dependency...) -> Target {
        let tested = room == "House" ? [] : [room]
        return .testTarget(
            name: "\(room)Tests",
            dependencies: ((tested + others).map { .byName(name: $0) }) + products
                + (room == "House" ? [] : ["TestHouse"]),
            path: "Tests/\(room)Tests", swiftSettings: .house)
    }
}

extension [SwiftSetting] {
    /// What every room is compiled with.
    static let house: [SwiftSetting] = [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    ]
}

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let httpServer = product(name: "HummingbirdCore", package: "hummingbird")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let log = product(name: "Logging", package: "swift-log")
    static let nio = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioHTTPTypesHTTP1 = product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let tracing = product(name: "Tracing", package: "swift-distributed-tracing")
    static let signals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let nioWebSocket = product(name: "NIOWebSocket", package: "swift-nio")
    static let yams = product(name: "Yams", package: "Yams")
}

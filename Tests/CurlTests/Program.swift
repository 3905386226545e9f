import Foundation

/// Another program, running; nothing here waits for it on a thread that tests share.
final class Program: Sendable {
    /// What it writes, line by line.
    let lines = Record<String>()
    /// Its status, once it has ended and all it wrote was read.
    let endings = Record<Int32>()
    private let process: Process
    private let feed = Pipe()

    init(_ path: String, _ arguments: [String]) throws {
        let (process, output, lines, endings) = (Process(), Pipe(), lines, endings)
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = feed
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let ended = Record<Int32>()
        process.terminationHandler = { ended.add($0.terminationStatus) }
        try process.run()
        self.process = process
        Thread.detachNewThread {
            var rest = Data()
            while case let data = output.fileHandleForReading.availableData, !data.isEmpty {
                rest += data
                while let end = rest.firstIndex(of: 0x0A) {
                    lines.add(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[(end + 1)...])
                }
            }
            if !rest.isEmpty { lines.add(String(decoding: rest, as: UTF8.self)) }
            Task { endings.add(await ended.wait(for: 1)[0]) }
        }
    }

    /// The programs end with their input: a child inherits which signals a thread blocks, SIGTERM among them.
    deinit {
        try? feed.fileHandleForWriting.close()
    }

    /// The line with this number, counted from 1.
    func line(_ number: Int) async -> String { await lines.wait(for: number)[number - 1] }

    /// Gives it `input` and then no more.
    func give(_ input: Data) {
        let feed = feed.fileHandleForWriting
        Thread.detachNewThread {
            // The program may end without reading; then its status tells.
            try? feed.write(contentsOf: input)
            try? feed.close()
        }
    }
}

/// A program that did not end well.
struct Failed: Error {
    let status: Int32
}

/// Runs a program to its end and returns what it wrote.
func run(_ path: String, _ arguments: [String], input: Data = Data()) async throws -> Data {
    let program = try Program(path, arguments)
    program.give(input)
    let status = await program.endings.wait(for: 1)[0]
    guard status == 0 else { throw Failed(status: status) }
    return Data(program.lines.values.joined(separator: "\n").utf8)
}

import CPostgres
import Foundation

/// Everything PostgreSQL said about one request, up to the sync that ends it.
struct Reply {
    var answer = Answer()
    var fault: SQLFault?
    /// Results that came before the first fault.
    var results = 0
    /// The number of the result that is the answer; those before it only prepare it.
    private let step: Int

    private init(step: Int) { self.step = step }

    /// True when the server no longer has the statement as it was prepared.
    var isStale: Bool { fault?.code == "26000" || fault?.code == "0A000" }

    static func read(from handle: OpaquePointer, step: Int) -> Reply {
        var reply = Reply(step: step)
        var pauses = 0
        while true {
            guard let result = PQgetResult(handle) else {
                // One nil stands between two results; more of them mean that nothing is coming.
                pauses += 1
                if pauses < 3, PQstatus(handle) == CONNECTION_OK { continue }
                reply.fault = reply.fault ?? lost(handle)
                return reply
            }
            defer { PQclear(result) }
            pauses = 0
            if PQresultStatus(result) == PGRES_PIPELINE_SYNC { return reply }
            reply.take(result)
        }
    }

    private static func lost(_ handle: OpaquePointer) -> SQLFault {
        let reason = String(cString: PQerrorMessage(handle)).trimmingCharacters(in: .whitespacesAndNewlines)
        return SQLFault(.unreachable, "the connection to PostgreSQL was lost: \(reason)")
    }

    private mutating func take(_ result: OpaquePointer) {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
            guard fault == nil else { return }
            results += 1
            guard results > step else { return }
            answer = Answer(rows: Self.rows(result), affected: Int(atoll(PQcmdTuples(result))))
            // A select's tag counts the rows it read, not rows it wrote.
            if String(cString: PQcmdStatus(result)).hasPrefix("SELECT") { answer.affected = 0 }
        // It follows another fault and says nothing of its own.
        case PGRES_PIPELINE_ABORTED: break
        default: fault = fault ?? SQLFault(postgres: result)
        }
    }

    private static func rows(_ result: OpaquePointer) -> [Row] {
        let count = PQnfields(result)
        guard count > 0 else { return [] }
        let columns = (0..<count).map { String(cString: PQfname(result, $0)) }
        let types = (0..<count).map { PQftype(result, $0) }
        return (0..<PQntuples(result)).map { row in
            Row(columns: columns, values: (0..<count).map { value(result, row, $0, types[Int($0)]) })
        }
    }

    private static func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32, _ type: Oid) -> Value {
        guard PQgetisnull(result, row, column) == 0, let text = PQgetvalue(result, row, column) else {
            return .null
        }
        let bytes = UnsafeBufferPointer(start: text, count: Int(PQgetlength(result, row, column)))
        // The numbers are PostgreSQL's fixed object ids of its types.
        switch type {
        case 20, 21, 23, 26: return .integer(strtoll(text, nil, 10))
        case 700, 701: return .real(strtod(text, nil))
        case 16: return .integer(bytes.first == 0x74 ? 1 : 0)
        case 17: return .blob(unhex(text + 2, count: bytes.count - 2))
        case 1700: return numeric(text)
        default: return .text(bytes.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) })
        }
    }

    /// What sums of bigint come as; whole ones are integers, as in SQLite.
    private static func numeric(_ text: UnsafePointer<CChar>) -> Value {
        Int64(String(cString: text)).map(Value.integer) ?? .real(strtod(text, nil))
    }

    /// The bytes that `digits` write, two hex digits a byte.
    private static func unhex(_ digits: UnsafePointer<CChar>, count: Int) -> [UInt8] {
        func number(_ digit: CChar) -> UInt8 {
            UInt8(truncatingIfNeeded: digit) &- (digit < 0x3A ? 0x30 : 0x57)
        }
        return [UInt8](unsafeUninitializedCapacity: count / 2) { bytes, filled in
            while filled < count / 2 {
                bytes[filled] = number(digits[2 * filled]) << 4 | number(digits[2 * filled + 1])
                filled += 1
            }
        }
    }
}

extension SQLFault {
    /// The error that a result carries.
    init(postgres result: OpaquePointer) {
        let state = cpostgres_sqlstate(result).map { String(cString: $0) }
        let primary = cpostgres_message(result).map { String(cString: $0) }
        let message = primary ?? String(cString: PQresultErrorMessage(result))
        let text = message.trimmingCharacters(in: .whitespacesAndNewlines)
        self.init(Self.kind(state ?? "", text), text, code: state)
    }

    private static func kind(_ state: String, _ text: String) -> Kind {
        switch state {
        case "23505": return .unique
        case "23503": return .foreignKey
        case "40001", "40P01", "55P03", "26000": return .busy
        // The tables changed under a prepared statement; prepared anew it works.
        case "0A000" where text.hasPrefix("cached plan"): return .busy
        case "57014": return .timeout
        case "25P02": return .aborted
        default: break
        }
        switch state.prefix(2) {
        case "23": return .constraint
        case "08", "25", "53", "57", "": return .unreachable
        // 54 is what is too large, such as a value for its index.
        case "22", "54": return .invalid
        case "42": return .syntax
        case "40": return .busy
        default: return .other
        }
    }
}

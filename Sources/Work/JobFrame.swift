import Core
import Queue

/// A job as a producer that knows only Redis writes it: JSON with the fields of `JobRequest` and the
/// workspace.
package struct JobFrame: Decodable, Sendable {
    let request: JobRequest
    package let workspace: String

    /// The most bytes of one frame: its arguments, which have a bound of their own, and what stands around
    /// them.
    package static let limit = Queue.payloadLimit + 262_144
    /// Bytes of a workspace's name.
    private static let workspaceLimit = 64

    private enum CodingKeys: String, CodingKey {
        case workspace
    }

    package init(from decoder: any Decoder) throws {
        request = try JobRequest(from: decoder)
        let own = try decoder.container(keyedBy: CodingKeys.self)
        workspace = try own.decodeIfPresent(String.self, forKey: .workspace) ?? ""
    }

    /// The frame that `bytes` write. Throws `Failure(.invalid)` that says what was wrong with it.
    package static func read(_ bytes: [UInt8]) throws -> JobFrame {
        guard bytes.count <= limit else {
            throw Failure(.invalid, "The frame has \(bytes.count) bytes; \(limit) are allowed.")
        }
        let json: JSON
        do { json = try JSONParser.parse(bytes) } catch let fault as JSONParser.Fault {
            throw Failure(.invalid, "The frame is no JSON: \(fault).")
        }
        guard json.members != nil else { throw Failure(.invalid, "The frame is no JSON object.") }
        return try json.decode(JobFrame.self)
    }

    /// The job, once every rule holds that holds for requests, for the queue `queue`.
    package func order(
        for queue: String, now: Moment = .now,
        check: (_ name: String, _ arguments: JSON) throws -> Void
    ) throws -> Order {
        guard Self.isWorkspace(workspace) else {
            throw Failure(
                .invalid, "workspace may have \(Self.workspaceLimit) letters, digits, _ and -.",
                at: "/workspace")
        }
        guard request.durable != true else {
            throw Failure(.invalid, "durable is for jobs that are sent through the API.", at: "/durable")
        }
        let order = try request.order(workspace: workspace, now: now, check: check)
        guard request.queue == nil || order.queue == queue else {
            throw Failure(
                .invalid, "queue is \"\(order.queue)\", and this is the inbox of \"\(queue)\".", at: "/queue")
        }
        return Order(envelope: order.envelope, queue: queue)
    }

    /// The envelope holds it as it is, so nothing in it may need an escape.
    private static func isWorkspace(_ text: String) -> Bool {
        text.utf8.count <= workspaceLimit
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
                    || $0 == 45
            }
    }
}

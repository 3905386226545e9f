import Core

/// Takes a request apart and answers it: from the text of a document to the JSON of its answer.
package struct Engine: Sendable {
    package let blueprint: Blueprint
    package let bounds: Bounds

    package init(_ blueprint: Blueprint, bounds: Bounds = Bounds()) {
        self.blueprint = blueprint
        self.bounds = bounds
    }

    /// What a client sends.
    package struct Request: Sendable {
        package let document: String
        package let variables: JSON
        package let operation: String?

        package init(_ document: String, variables: JSON = [:], operation: String? = nil) {
            self.document = document
            self.variables = variables
            self.operation = operation
        }
    }

    /// Why nothing was run.
    package struct Refusal: Error, Sendable {
        package let complaints: [Complaint]

        package var json: JSON { ["errors": .array(complaints.map(\.json))] }
    }

    /// What is to be run. Throws a `Refusal`.
    package func plan(_ request: Request) throws -> Plan {
        do { return try checkedPlan(request) } catch let complaint as Complaint {
            throw Refusal(complaints: [complaint])
        }
    }

    private func checkedPlan(_ request: Request) throws -> Plan {
        guard request.document.utf8.count <= bounds.document else {
            throw Complaint("The document may have \(bounds.document) bytes at most.")
        }
        let document = try Parser.parse(request.document)
        let complaints = Checker.complaints(document, blueprint)
        guard complaints.isEmpty else { throw Refusal(complaints: complaints) }
        let operation = try choose(request.operation, document)
        return try Planner.plan(operation, of: document, request.variables, in: (blueprint, bounds))
    }

    private func choose(_ name: String?, _ document: Syntax.Document) throws -> Syntax.Operation {
        if let name {
            guard let operation = document.operations.first(where: { $0.name == name }) else {
                throw Complaint("The document has no operation called \"\(name.prefix(40))\".")
            }
            return operation
        }
        guard let operation = document.operations.first, document.operations.count == 1 else {
            throw Complaint("Say by operationName which operation of the document is meant.")
        }
        return operation
    }

    /// The answer as JSON.
    package static func json(data: JSON, _ complaints: [Complaint], extensions: [JSON.Member] = []) -> JSON {
        var members: [JSON.Member] = [.init("data", data)]
        if !complaints.isEmpty { members.append(.init("errors", .array(complaints.map(\.json)))) }
        if !extensions.isEmpty { members.append(.init("extensions", .object(extensions))) }
        return .object(members)
    }
}

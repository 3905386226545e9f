import Core

extension TaskImport {
    /// A task as a row describes it, before its project and dependencies are looked up.
    package struct Draft: Sendable, Hashable {
        package let line: Int
        /// The same on every run of the job that imports it.
        package let importKey: String
        package let title: String
        package let description: String
        package let status: ProjectTask.Status
        package let priority: ProjectTask.Priority
        /// The project's name.
        package let project: String?
        package let assignedTo: String?
        package let timeEstimate: Double?
        package let timeSpent: Double?
        package let dueDate: Moment?
        package let createdAt: Moment
        package let updatedAt: Moment
        package let completedAt: Moment?
        /// Titles of tasks this one waits for.
        package let dependsOn: [String]

        init(_ cells: Cells, line: Int, key: String) throws(Failure) {
            self.line = line
            importKey = key
            title = cells.text(.title) ?? ""
            description = cells.text(.description) ?? ""
            project = cells.text(.project)
            assignedTo = cells.text(.assignedTo)
            timeEstimate = try cells.number(.timeEstimate)
            timeSpent = try cells.number(.timeSpent)
            dueDate = try cells.moment(.dueDate)
            completedAt = try cells.moment(.completedAt)
            createdAt = try cells.moment(.createdAt) ?? min(cells.now, completedAt ?? cells.now)
            updatedAt = try cells.moment(.updatedAt) ?? completedAt ?? cells.now
            dependsOn = cells.list(.dependsOn)
            priority = try cells.choice(.priority) ?? .medium
            // A row that says when it was finished need not say that it is.
            status = try cells.choice(.status) ?? (completedAt == nil ? .todo : .done)
            try check()
        }

        /// The task, once its project and the tasks it waits for are known.
        package func task(id: ID, workspace: ID, project: ID?, dependsOn: [ID]) -> ProjectTask {
            ProjectTask(
                id: id, workspace: workspace, title: title, description: description, status: status,
                priority: priority, project: project, assignedTo: assignedTo, timeEstimate: timeEstimate,
                timeSpent: timeSpent, dueDate: dueDate, completedAt: completedAt, createdAt: createdAt,
                updatedAt: updatedAt, dependsOn: dependsOn)
        }

        private func check() throws(Failure) {
            try ProjectTask.check(title: title)
            try ProjectTask.check(description: description)
            try ProjectTask.check(assignedTo: assignedTo)
            try ProjectTask.check(timeEstimate: timeEstimate)
            try ProjectTask.check(timeSpent: timeSpent)
            if let project { try Rule.text(project, Project.Limits.name, at: "/project") }
            guard dependsOn.count <= ProjectTask.Limits.dependencies else {
                let most = ProjectTask.Limits.dependencies
                throw Failure(.invalid, "depends_on names more than \(most) tasks.", at: "/depends_on")
            }
            guard let completedAt else { return }
            guard status == .done else {
                throw Failure(
                    .invalid, "completed_at is set, but the status is \(status.rawValue).",
                    at: "/completed_at")
            }
            guard completedAt >= createdAt else {
                throw Failure(.invalid, "completed_at is before created_at.", at: "/completed_at")
            }
        }
    }
}

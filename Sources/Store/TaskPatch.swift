import Core
import SQL
import Workspace

extension Store.Tasks {
    /// What to change of a task; nil leaves a field as it is, `.some(nil)` empties it. Times are hours.
    package struct Patch: Sendable {
        package var title: String?
        package var description: String?
        package var status: ProjectTask.Status?
        package var priority: ProjectTask.Priority?
        package var project: ID??
        package var assignedTo: String??
        package var timeEstimate: Double??
        package var timeSpent: Double??
        package var dueDate: Moment??
        package var dependsOn: [ID]?

        package init() {}

        /// Adds assignments; the parameter `$3` is the time of the change.
        func add(to clause: inout Clause) {
            clause.add("title =", title.map { Value($0) })
            clause.add("description =", description.map { Value($0) })
            clause.add("priority =", priority.map { Value($0) })
            clause.add("project_id =", project.map { Value($0) })
            clause.add("assigned_to =", assignedTo.map { Value($0) })
            clause.add("time_estimate =", timeEstimate.map { Value($0) })
            clause.add("time_spent =", timeSpent.map { Value($0) })
            clause.add("due_date =", dueDate.map { Value($0) })
            guard let status else { return }
            clause.add("status =", Value(status))
            clause.add(status == .done ? "completed_at = coalesce(completed_at, $3)" : "completed_at = null")
        }
    }
}

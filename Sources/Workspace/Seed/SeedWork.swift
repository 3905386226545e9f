import Core

// Projects, their tasks, and what is said of them.
extension Seed {
    private static let labels = [
        ("bug", "#d73a4a"), ("feature", "#1f6feb"), ("design", "#a371f7"), ("customer", "#2da44e"),
        ("legal", "#bf8700"), ("quick win", "#57ab5a"),
    ]

    private static let projects: [(name: String, about: String, status: String, tasks: [String])] = [
        (
            "Website relaunch", "A faster shop with fewer clicks to the basket.", "active",
            [
                "Collect the pages that nobody visits", "Agree on the new navigation", "Draw the start page",
                "Draw the product page", "Build the basket", "Move the product data", "Write the imprint",
                "Test with five customers", "Measure loading times", "Set up redirects",
                "Switch over the domain",
            ]
        ),
        (
            "Garden fair in June", "Our stand in hall 3: seedlings, workshops, coffee.", "active",
            [
                "Book the stand", "Order 400 seedlings", "Design the banner", "Plan the workshop hours",
                "Rent the coffee machine", "Print price tags", "Find three helpers", "Insure the stand",
                "Pack the van", "Set up the stand", "Thank the helpers",
            ]
        ),
        (
            "Warehouse move", "Out of Hafenstrasse by the end of the quarter.", "active",
            [
                "Measure the new racks", "Give notice for the old lease", "Compare three movers",
                "Count the stock", "Label all shelves", "Move the cold store", "Install the network",
                "Update the delivery address", "Return the keys", "Dispose of old pallets",
                "Walk through with the fire brigade",
            ]
        ),
        (
            "Accounting in order", "Receipts, reminders and the yearly statement.", "active",
            [
                "Scan receipts of the first quarter", "Chase unpaid invoices", "Check the VAT return",
                "Choose a tax adviser", "Close the petty cash", "Describe the approval of expenses",
                "Reconcile the bank account", "Prepare the yearly statement", "Set up the standing orders",
                "Renew the insurance", "Archive the old files",
            ]
        ),
        (
            "App for couriers", "Routes, signatures and photos of deliveries.", "on_hold",
            [
                "Ride along for a day", "Write down the delivery steps", "Sketch the route view",
                "Choose a map provider", "Store signatures", "Work without a network",
                "Take photos of parcels",
                "Test with two couriers", "Fix the crash on old phones", "Publish the first version",
                "Collect ratings",
            ]
        ),
        (
            "Hiring a gardener", "One full-time position from autumn.", "completed",
            [
                "Describe the position", "Publish the advertisement", "Read the applications",
                "Invite five people", "Plan the trial days", "Call references", "Make the offer",
                "Sign the contract", "Order working clothes", "Plan the first week", "Introduce the mentor",
            ]
        ),
    ]

    private static let remarks = [
        "I had a look: two days should do.", "Waiting for an answer since Monday.",
        "Done on my side, please check.", "Could we talk about this tomorrow?",
        "The customer prefers the second version.", "I moved the date, the supplier is late.",
        "Good enough for now.", "See the notes of our meeting.",
    ]

    mutating func addWork() {
        let labels = Self.labels.map { name, color in
            add("label", ["name": .string(name), "color": .string(color)], at: now - .days(120))
        }
        for round in 0..<size.rounds {
            for (index, project) in Self.projects.enumerated() {
                let name = round == 0 ? project.name : "\(project.name), part \(round + 1)"
                let id = add(
                    "project",
                    [
                        "name": .string(name), "description": .string(project.about),
                        "status": .string(project.status), "deadline": JSON(now + .days(20 + 15 * index)),
                    ], at: moment(day: -100 + index), by: people[0])
                addTasks(project.tasks, of: id, labels, isOver: project.status == "completed")
            }
        }
    }

    /// The tasks of a project, one after the other: what comes first is done first and waited for.
    private mutating func addTasks(_ titles: [String], of project: ID, _ labels: [ID], isOver: Bool) {
        let reached = isOver ? titles.count : number(2...6)
        var before: ID?
        for (index, title) in titles.enumerated() {
            let (begun, person) = (-90 + 5 * index, one(of: people.filter { $0.role != "viewer" }))
            var values: [String: JSON] = [
                "title": .string(title), "project_id": JSON(project), "assigned_to": .string(person.email),
                "priority": one(of: ["low", "medium", "medium", "high"]),
                "time_estimate": .double(Double(number(1...12)) / 2), "label_ids": [JSON(one(of: labels))],
                "due_date": JSON(moment(day: isOver ? begun + 6 : 4 * (index - reached) + 3)),
                "description": .string("\(title), so that the next steps can begin."),
            ]
            if let before, happens(60) { values["depends_on"] = [JSON(before)] }
            if happens(10) { values["assigned_to"] = .null }
            let task = add("task", values, at: moment(day: begun), by: people[0])
            if index <= reached { change(["status": "in_progress"], at: now + .days(begun + 2)) }
            if index < reached { change(["status": "done"], at: now + .days(begun + 4)) }
            addRemarks(on: task, from: begun, isBegun: index <= reached)
            before = task
        }
    }

    private mutating func addRemarks(on task: ID, from day: Int, isBegun: Bool) {
        guard isBegun else { return }
        for step in 0..<number(0...2) {
            add(
                "comment", ["task_id": JSON(task), "content": .string(one(of: Self.remarks))],
                at: moment(day: min(day + 1 + step, -1)), by: one(of: people))
        }
        guard happens(50) else { return }
        let start = moment(day: min(day + 2, -1))
        add(
            "time_entry",
            [
                "task_id": JSON(task), "minutes": .integer(Int64(15 * number(1...16))),
                "started_at": JSON(start),
            ],
            at: start + .seconds(14_400), by: one(of: people))
    }
}

import Core
import SQL
import Workspace

extension Store {
    /// What language models cost: a call reserves the most it can cost before it is made, and what it did
    /// cost is written down after it. The store must have a scope.
    package struct Spending: Sendable {
        let store: Store

        /// A call of a model and what it may cost or did cost.
        package struct Call: Sendable {
            package let job: ID
            package let connection: ID
            package let model: String
            /// Such as `chat`.
            package let purpose: String

            package init(job: ID, connection: ID, model: String, purpose: String) {
                self.job = job
                self.connection = connection
                self.model = model
                self.purpose = purpose
            }
        }

        package struct Reservation: Sendable, Hashable {
            package let id: ID
            let day: String
            let month: String
            package let amount_micro: Int64
        }

        /// The tokens of a call that is over.
        package struct Bill: Sendable, Hashable {
            package let input: Int
            package let cached: Int
            package let output: Int
            package let cost_micro: Int64
            /// True where the server did not say, and the most it can have been was taken.
            package let isEstimate: Bool

            package init(
                input: Int, cached: Int = 0, output: Int, cost_micro: Int64, isEstimate: Bool = false
            ) {
                self.input = input
                self.cached = cached
                self.output = output
                self.cost_micro = cost_micro
                self.isEstimate = isEstimate
            }
        }

        /// What one period stands at.
        package struct Balance: Sendable, Hashable {
            package let spent_micro: Int64
            package let reserved_micro: Int64

            package init(spent_micro: Int64, reserved_micro: Int64) {
                self.spent_micro = spent_micro
                self.reserved_micro = reserved_micro
            }
        }
    }

    package var spending: Spending { Spending(store: self) }
}

extension Store.Spending {
    /// A reservation whose call never ended is released after this: no call can take as long.
    package static let longest = Duration.seconds(3_600)
    /// The most reservations released in one go.
    static let releasedAtOnce = 100

    private var access: Access { store.access }
    private func workspace() throws -> ID { try store.rows(.modelSettings).scope.workspace }

    /// Reserves what a call may cost in the budgets of this day and month (UTC).
    ///
    /// Throws `limited` when it does not fit: for good when the budget is spent, with `retryAfter` when it
    /// may fit once the calls on their way have ended.
    package func reserve(
        _ amount_micro: Int64, within settings: ModelSettings, for job: ID, at now: Moment = .now
    ) async throws -> Reservation {
        let day = String(now.text.prefix(10))
        let reservation = Reservation(
            id: ID(), day: day, month: String(day.prefix(7)), amount_micro: amount_micro)
        try await store.transaction { store in
            let spending = store.spending
            try await spending.release(before: now)
            try await spending.take(amount_micro, from: reservation.day, most: settings.dayBudget_micro)
            try await spending.take(amount_micro, from: reservation.month, most: settings.monthBudget_micro)
            try await spending.access.execute(
                """
                insert into model_reservations
                    (workspace_id, id, job_id, day, month, amount_micro, expires_at)
                values ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    Value(try workspace()), Value(reservation.id), Value(job), .text(reservation.day),
                    .text(reservation.month), .integer(amount_micro), Value(now + Self.longest),
                ])
        }
        return reservation
    }

    /// Writes down what a call cost and gives back the rest of its reservation.
    package func settle(
        _ reservation: Reservation, _ call: Call, _ bill: Bill, at now: Moment = .now
    ) async throws {
        try await store.transaction { store in
            let spending = store.spending
            try await spending.giveBack(reservation)
            for period in [reservation.day, reservation.month] {
                try await spending.access.execute(
                    """
                    update model_spends set spent_micro = spent_micro + $3
                    where workspace_id = $1 and period = $2
                    """, [Value(try workspace()), .text(period), .integer(bill.cost_micro)])
            }
            try await spending.note(call, bill, at: now)
        }
    }

    /// Gives back the whole of a reservation: the call was never made.
    package func cancel(_ reservation: Reservation) async throws {
        try await store.transaction { try await $0.spending.giveBack(reservation) }
    }

    /// What a day such as `2026-03-01` or a month such as `2026-03` stands at.
    package func balance(of period: String) async throws -> Balance {
        try await access.query(
            """
            select spent_micro, reserved_micro from model_spends where workspace_id = $1 and period = $2
            """, [Value(try workspace()), .text(period)]
        ) { row in
            Balance(spent_micro: try row.get("spent_micro"), reserved_micro: try row.get("reserved_micro"))
        }.first ?? Balance(spent_micro: 0, reserved_micro: 0)
    }

    private func take(_ amount: Int64, from period: String, most: Int?) async throws {
        let place: [Value] = [Value(try workspace()), .text(period)]
        try await access.execute(
            """
            insert into model_spends (workspace_id, period, spent_micro, reserved_micro)
            values ($1, $2, 0, 0) on conflict (workspace_id, period) do nothing
            """, place)
        let limit = most.map { "and spent_micro + reserved_micro + $3 <= \($0)" } ?? ""
        let taken = try await access.execute(
            """
            update model_spends set reserved_micro = reserved_micro + $3
            where workspace_id = $1 and period = $2 \(limit)
            """, place + [.integer(amount)])
        if taken == 0 { throw try await refusal(amount, period, most: Int64(most ?? 0)) }
    }

    private func refusal(_ amount: Int64, _ period: String, most: Int64) async throws -> Failure {
        let balance = try await balance(of: period)
        let message =
            "The budget for language models of \(period) does not allow this call: of \(most) millionths "
            + "\(balance.spent_micro) are spent and \(balance.reserved_micro) reserved, and it may cost "
            + "\(amount). Raise the budget at /ai/settings."
        let mayPass = balance.spent_micro + amount <= most
        let failure = Failure(.limited, message, retryAfter: mayPass ? .seconds(2) : nil)
        return mayPass ? failure : failure.permanently()
    }

    /// Releases what calls reserved whose process died.
    private func release(before now: Moment) async throws {
        let stale = try await access.query(
            """
            select id, day, month, amount_micro from model_reservations
            where workspace_id = $1 and expires_at <= $2 order by expires_at limit \(Self.releasedAtOnce)
            """, [Value(try workspace()), Value(now)]
        ) { row in
            Reservation(
                id: try row.get("id"), day: try row.get("day"), month: try row.get("month"),
                amount_micro: try row.get("amount_micro"))
        }
        for reservation in stale { try await giveBack(reservation) }
    }

    private func giveBack(_ reservation: Reservation) async throws {
        let held = try await access.execute(
            "delete from model_reservations where workspace_id = $1 and id = $2",
            [Value(try workspace()), Value(reservation.id)])
        guard held == 1 else { return }
        for period in [reservation.day, reservation.month] {
            try await access.execute(
                """
                update model_spends set reserved_micro = reserved_micro - $3
                where workspace_id = $1 and period = $2
                """, [Value(try workspace()), .text(period), .integer(reservation.amount_micro)])
        }
    }

    private func note(_ call: Call, _ bill: Bill, at now: Moment) async throws {
        try await access.execute(
            """
            insert into model_usage (workspace_id, id, job_id, connection_id, model, purpose, input_tokens,
                cached_tokens, output_tokens, cost_micro, is_estimate, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                Value(try workspace()), Value(ID()), Value(call.job), Value(call.connection),
                .text(call.model), .text(call.purpose), Value(bill.input), Value(bill.cached),
                Value(bill.output), .integer(bill.cost_micro), Value(bill.isEstimate), Value(now),
            ])
    }
}

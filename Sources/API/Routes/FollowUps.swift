import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/follow-ups`: what is asked at its time, and again until it is answered.
    enum FollowUps {
        static let resource = Resource(.followUps, at: "/api/follow-ups")

        static let routes =
            resource.routes + [
                Route(
                    .post, "/api/follow-ups/{id}/cancel", "Take a follow-up back, or end one that was sent.",
                    cancel
                ).answering(200, "The follow-up as it is now.", "FollowUp"),
                Route(
                    .post, "/api/follow-ups/{id}/answer",
                    "Note that a follow-up was answered in a way that Atom does not see.", answer
                ).answering(200, "The follow-up as it is now.", "FollowUp"),
            ]

        static let schemas = resource.schemas

        static func cancel(_ call: Call) async throws -> Answer {
            resource.answer(try await call.store.followUps.cancel(call.id(of: "follow-up")))
        }

        static func answer(_ call: Call) async throws -> Answer {
            resource.answer(try await call.store.followUps.answer(call.id(of: "follow-up")))
        }
    }
}

import Automation
import Core
import HTTPTypes
import Store
import Work
import Workspace

extension Routes {
    /// `/api/voice/commands/runs`: the commands that were heard; and how commands are obeyed.
    enum VoiceRuns {
        static let resource = Resource(.voiceRuns, at: "\(VoiceCommands.resource.path)/runs")
        private static let settings = "/api/voice/settings"

        static let routes: [Route] =
            [
                Route(
                    .get, "\(VoiceCommands.resource.path)/defaults",
                    "List the commands that are there without being registered.", defaults
                ).answering(200, "All of them.", "DefaultVoiceCommands"),
                resource.listed, resource.shown, resource.told,
                Route(
                    .post, "\(resource.path)/{id}/confirm", "Do a command that waits to be confirmed.",
                    confirm
                )
                .answering(200, "What became of it.", "VoiceRun"),
                Route(.post, "\(resource.path)/{id}/cancel", "Leave a command undone.", cancel)
                    .answering(200, "It is not done.", "VoiceRun"),
                Route(.get, settings, "Show how commands are obeyed.", show)
                    .answering(200, "The settings.", "VoiceSettings"),
                Route(.put, settings, "Change how commands are obeyed.", change).operating()
                    .taking("VoiceSettings").answering(200, "The settings.", "VoiceSettings"),
            ]

        static let schemas: [JSON.Member] =
            resource.schemas + [
                .init(
                    "VoiceSettings",
                    Schema.object(["confirm_changes": confirmation], required: ["confirm_changes"])),
                .init("DefaultVoiceCommands", Schema.object(["voice_commands": Schema.list(command)])),
            ]

        private static let confirmation: JSON = [
            "type": "boolean",
            "description": "Every command that changes something waits until it is confirmed.",
        ]

        private static let command = Schema.object(
            ["phrase": Schema.string, "language": Schema.string, "action": Schema.string],
            required: ["phrase", "language", "action"])
    }
}

extension Routes.VoiceRuns {
    private static func defaults(_ call: Call) async throws -> Answer {
        let commands = Voice.Command.defaults.map { command -> JSON in
            [
                "phrase": .string(command.said), "language": .string(command.language),
                "action": .string(command.action),
            ]
        }
        return Answer(["voice_commands": .array(commands)])
    }

    private static func confirm(_ call: Call) async throws -> Answer {
        let desk = try desk(call)
        return resource.answer(try await desk.confirm(call.id(of: "voice run")))
    }

    private static func cancel(_ call: Call) async throws -> Answer {
        let desk = try desk(call)
        return resource.answer(try await desk.cancel(call.id(of: "voice run")))
    }

    private static func desk(_ call: Call) throws -> CommandDesk {
        let (jobs, workspace) = (call.office.house.jobs, try call.workspace.text)
        return CommandDesk(call.store) { name, arguments in
            guard let area = jobs.area(name) else { throw Failure(.missing, "There is no job \(name).") }
            try jobs.check(name, arguments)
            var envelope = Envelope(name: name, arguments: arguments.bytes, workspace: workspace)
            envelope.version = jobs.version(name)
            return (envelope, area)
        }
    }

    private static func show(_ call: Call) async throws -> Answer {
        Answer(["confirm_changes": .bool(try await call.store.voice.confirmsChanges())])
    }

    private static func change(_ call: Call) async throws -> Answer {
        let json = try await call.json()
        guard let members = json.members, members.map(\.name) == ["confirm_changes"],
            let isWanted = members[0].value.bool
        else { throw Failure(.invalid, "Send confirm_changes, true or false.", at: "/confirm_changes") }
        try await call.store.voice.confirmChanges(isWanted)
        return try await show(call)
    }
}

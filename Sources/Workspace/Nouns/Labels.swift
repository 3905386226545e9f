import Core

extension Noun {
    /// A coloured word that tasks are marked with.
    package static let label = Noun(
        "label", "labels",
        fields: [
            Field("name", .text(1...60)).required().searched().sorted()
                .about("Unique in the workspace, whatever its case."),
            Field("color", .color).or("#6e7781"),
            Field("description", .text(0...500)).or(""),
        ])
}

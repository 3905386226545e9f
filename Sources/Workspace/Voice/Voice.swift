/// What is said aloud: recordings, the words in them, and the commands that the words may be.
package enum Voice {
    /// The upper bounds of what is taken and understood.
    package enum Limits {
        /// Bytes of a recording.
        package static let bytes = 26_214_400
        /// The longest recording.
        package static let duration_s = 7_200.0
        /// Characters of the words that are likely to be heard.
        package static let prompt = 1_000
        /// Words of an utterance that may be a command.
        package static let words = 200
        /// Commands of one workspace that are listened for.
        package static let commands = 500
        /// Words of the workspace that a grammar lets through where a parameter is a text.
        package static let vocabulary = 1_000
        /// How long a command waits to be confirmed.
        package static let patience: Duration = .seconds(900)
    }
}

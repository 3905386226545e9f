import Core
import Curl

extension Provider {
    /// Any server that turns speech into text by OpenAI's `POST /audio/transcriptions`.
    package static let transcription = Provider(
        "transcription", "Speech recognition", base: "",
        entrance: Entrance(
            .bearer("api_key"),
            fields: [
                Field(
                    "base_url", "Where the server is, such as https://api.openai.com/v1.", isRequired: false),
                Field(
                    "api_key", "Its key; a server of one's own may want none.", isSecret: true,
                    isRequired: false),
                Field("model", "whisper-1 unless told.", isRequired: false),
            ]),
        // Hearing a recording again changes nothing; it costs what it costs.
        rules: Rules(final: ["insufficient_quota"], pause: .seconds(10)),
        abilities: [.transcribe])
}

/// Turns speech into text.
package struct Transcription: Sendable {
    package let line: Line

    package init(line: Line) { self.line = line }

    /// The model of a server that names none.
    package static let usualModel = "whisper-1"
    /// The model of `scripts/whisper` that hears nothing but what a grammar allows.
    package static let commands = "commands"

    /// A recording, and how it is to be heard.
    package struct Order: Sendable {
        package let audio: [UInt8]
        /// A name whose ending tells the kind.
        package let name: String
        package let mediaType: String
        package var model = usualModel
        /// BCP 47; the server finds out where it is nil.
        package var language: String?
        /// Words that are likely to be heard.
        package var prompt: String?
        /// The only sentences that may be heard (JSGF); no field of OpenAI's.
        package var grammar: String?

        package init(_ audio: [UInt8], name: String, mediaType: String) {
            self.audio = audio
            self.name = name
            self.mediaType = mediaType
        }
    }

    /// What was heard.
    package struct Heard: Sendable, Hashable {
        package let text: String
        package let language: String?
        package let duration_s: Double?

        package init(text: String, language: String?, duration_s: Double?) {
            self.text = text
            self.language = language
            self.duration_s = duration_s
        }
    }

    /// Throws what `Line.ask` throws, and `unavailable` for an answer without a text.
    package func hear(_ order: Order) async throws -> Heard {
        var form = Form()
        form.add("model", order.model)
        // The newer models of OpenAI answer in plain JSON only.
        form.add("response_format", order.model.hasPrefix("gpt-") ? "json" : "verbose_json")
        if let language = order.language?.split(separator: "-").first {
            form.add("language", language.lowercased())
        }
        if let prompt = order.prompt { form.add("prompt", prompt) }
        if let grammar = order.grammar { form.add("grammar", grammar) }
        form.add("file", order.audio, name: order.name, type: order.mediaType)
        var request = Curl.Request(
            "POST", "/audio/transcriptions", headers: [.init("Content-Type", form.type)],
            body: .bytes(form.body))
        request.timeouts.firstByte = Self.patience
        request.timeouts.total = Self.patience
        let answer = try await line.ask(request, reading: Self.reading)
        guard let text = answer.json["text"]?.string else {
            throw Failure(
                .unavailable,
                "\(line.provider.title) answered without a text. Is its address right, with /v1 at the end?")
        }
        return Heard(
            text: Self.isSilence(answer.json) ? "" : text, language: answer.json["language"]?.string,
            duration_s: answer.json["duration"]?.double ?? answer.json["usage"]?["seconds"]?.double)
    }

    /// True where the recognizer found words, but that nobody spoke, and was not sure of the words: in
    /// silence and noise it hears what it was told to expect.
    private static func isSilence(_ json: JSON) -> Bool {
        guard let segments = json["segments"]?.array, !segments.isEmpty else { return false }
        return segments.allSatisfy {
            $0["no_speech_prob"]?.double ?? 0 > 0.6 && $0["avg_logprob"]?.double ?? 0 < -0.5
        }
    }

    /// How long one recording may take to be heard.
    private static let patience: Duration = .seconds(600)

    private static let reading: Line.Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let error = answer.json["error"]
        return answer.refusal(
            error?["message"]?.string ?? String(decoding: answer.body.prefix(300), as: UTF8.self),
            code: error?["code"]?.string ?? error?["type"]?.string)
    }
}

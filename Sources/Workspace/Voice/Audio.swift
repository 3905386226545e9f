import Core

extension Voice {
    /// A recording as its own bytes describe it; what it is called does not matter.
    package struct Audio: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            case wav, mp3, ogg, webm, flac, m4a
        }

        package let kind: Kind
        /// How long it plays, as far as its head or its end say so.
        package let duration_s: Double?

        /// Bytes from the beginning, and from the end, that are looked at.
        package static let lookBytes = 65_536

        /// - Parameters:
        ///   - head: the first bytes, `lookBytes` or all there are.
        ///   - tail: the last ones.
        ///   - size: bytes in all.
        /// - Throws: `Failure(.invalid)` for what is no recording, or a broken, empty or too long one.
        package init(head: [UInt8], tail: [UInt8], size: Int) throws(Failure) {
            guard let kind = Kind(head) else {
                throw Failure(
                    .invalid, "This is no recording of a known kind; send WAV, MP3, Ogg, WebM, FLAC or M4A.",
                    at: "/file")
            }
            guard let length = Length(Slice(head), Slice(tail), size: size, kind) else {
                throw Failure(
                    .invalid, "This begins as a recording (\(kind.title)), and has no sound in it.",
                    at: "/file")
            }
            self.kind = kind
            duration_s = length.seconds
            guard duration_s ?? 0 <= Limits.duration_s else {
                throw Failure(
                    .invalid, "A recording may play for \(Int(Limits.duration_s)) seconds at most.",
                    at: "/file")
            }
        }
    }
}

extension Voice.Audio.Kind {
    /// The kind of a file that begins with `head`; nil for all else.
    package init?(_ head: [UInt8]) {
        let bytes = Voice.Audio.Slice(head)
        if bytes.has("RIFF", at: 0), bytes.has("WAVE", at: 8) {
            self = .wav
        } else if bytes.has("OggS", at: 0) {
            self = .ogg
        } else if bytes.has("fLaC", at: 0) {
            self = .flac
        } else if bytes.has("ftyp", at: 4) {
            self = .m4a
        } else if bytes.big(0, 4) == 0x1A45_DFA3 {
            self = .webm
        } else if bytes.has("ID3", at: 0) || Voice.Audio.Frame(bytes, at: 0) != nil {
            self = .mp3
        } else {
            return nil
        }
    }

    package var title: String {
        switch self {
        case .wav: "WAV"
        case .mp3: "MP3"
        case .ogg: "Ogg"
        case .webm: "WebM"
        case .flac: "FLAC"
        case .m4a: "M4A"
        }
    }

    package var mediaType: String {
        switch self {
        case .wav: "audio/wav"
        case .mp3: "audio/mpeg"
        case .ogg: "audio/ogg"
        case .webm: "audio/webm"
        case .flac: "audio/flac"
        case .m4a: "audio/mp4"
        }
    }
}

extension Voice.Audio {
    /// Bytes that are read at places which may not be there.
    struct Slice: Sendable {
        let bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var count: Int { bytes.count }

        subscript(place: Int) -> UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }

        func has(_ mark: String, at place: Int) -> Bool {
            place >= 0 && place + mark.utf8.count <= count
                && bytes[place..<place + mark.utf8.count].elementsEqual(mark.utf8)
        }

        /// The number of up to seven bytes, the first the highest.
        func big(_ place: Int, _ width: Int) -> Int? {
            guard place >= 0, place + width <= count else { return nil }
            return bytes[place..<place + width].reduce(0) { $0 << 8 | Int($1) }
        }

        /// The number of up to seven bytes, the first the lowest.
        func little(_ place: Int, _ width: Int) -> Int? {
            guard place >= 0, place + width <= count else { return nil }
            return bytes[place..<place + width].reversed().reduce(0) { $0 << 8 | Int($1) }
        }

        /// Where `mark` stands for the first time from `start` on.
        func first(_ mark: [UInt8], from start: Int = 0) -> Int? {
            guard mark.count <= count, start <= count - mark.count else { return nil }
            return (start...count - mark.count).first { bytes[$0...].starts(with: mark) }
        }

        func last(_ mark: [UInt8]) -> Int? {
            guard mark.count <= count else { return nil }
            return (0...count - mark.count).reversed().first { bytes[$0...].starts(with: mark) }
        }
    }
}

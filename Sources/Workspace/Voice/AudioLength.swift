extension Voice.Audio {
    /// How long a recording plays; nil as a whole where nothing can be heard in it.
    struct Length {
        /// Nil where neither head nor end say so.
        let seconds: Double?

        init?(_ head: Slice, _ tail: Slice, size: Int, _ kind: Kind) {
            let found: Double??
            switch kind {
            case .wav: found = Self.wav(head, size)
            case .ogg: found = Self.ogg(head, tail)
            case .flac: found = Self.flac(head)
            case .webm: found = Self.webm(head)
            case .m4a: found = Self.m4a(head, tail)
            case .mp3: found = Self.mp3(head, size)
            }
            guard let found, found ?? 1 > 0, found ?? 1 < .infinity else { return nil }
            seconds = found
        }

        /// By the bytes of its sound and how many of them are a second.
        private static func wav(_ head: Slice, _ size: Int) -> Double?? {
            var place = 12
            var rate: Int?
            while let length = head.little(place + 4, 4) {
                if head.has("fmt ", at: place) { rate = head.little(place + 16, 4) }
                if head.has("data", at: place) {
                    guard let rate, rate > 0 else { return nil }
                    // A program that writes while it records may not know the length yet.
                    let bytes = min(length == 0 ? size : length, size - place - 8)
                    return .some(Double(bytes) / Double(rate))
                }
                place += 8 + length + length % 2
            }
            return nil
        }

        /// By the position of the last page, counted in samples.
        private static func ogg(_ head: Slice, _ tail: Slice) -> Double?? {
            let opus = head.first(Array("OpusHead".utf8))
            let vorbis = head.first([0x01] + Array("vorbis".utf8))
            let isFLAC = head.first(Array("FLAC".utf8)) != nil
            let rate = opus != nil ? 48_000 : vorbis.flatMap { head.little($0 + 12, 4) }
            guard let rate, rate > 0 else {
                return isFLAC || head.first(Array("Speex".utf8)) != nil ? .some(nil) : nil
            }
            guard let page = tail.last(Array("OggS".utf8)), let samples = tail.little(page + 6, 7) else {
                return .some(nil)
            }
            return .some(Double(samples) / Double(rate))
        }

        private static func flac(_ head: Slice) -> Double?? {
            guard let rates = head.big(18, 3), rates >> 4 > 0, let low = head.big(22, 4),
                let high = head.big(21, 1)
            else { return nil }
            let samples = (high & 0x0F) << 32 | low
            return .some(samples == 0 ? nil : Double(samples) / Double(rates >> 4))
        }

        /// By `Duration` in the segment's info, where the writer knew it.
        private static func webm(_ head: Slice) -> Double?? {
            guard head.first([0x18, 0x53, 0x80, 0x67]) != nil,
                head.first(Array("webm".utf8)) != nil || head.first(Array("matroska".utf8)) != nil
            else { return nil }
            guard let info = head.first([0x15, 0x49, 0xA9, 0x66]),
                let place = head.first([0x44, 0x89], from: info), let size = head[place + 2]
            else { return .some(nil) }
            // Milliseconds, unless a scale says otherwise; nobody but archivists sets one.
            if size == 0x84, let bits = head.big(place + 3, 4) {
                return .some(Double(Float(bitPattern: UInt32(bits))) / 1_000)
            }
            guard size == 0x88, let high = head.big(place + 3, 4), let low = head.big(place + 7, 4) else {
                return .some(nil)
            }
            return .some(Double(bitPattern: UInt64(high) << 32 | UInt64(low)) / 1_000)
        }

        /// By the movie header, which may stand at either end.
        private static func m4a(_ head: Slice, _ tail: Slice) -> Double?? {
            for slice in [head, tail] {
                guard let box = slice.first(Array("mvhd".utf8)), let version = slice[box + 4] else {
                    continue
                }
                let places = version == 1 ? (24, 29, 7) : (16, 20, 4)
                guard let scale = slice.big(box + places.0, 4), scale > 0,
                    let length = slice.big(box + places.1, places.2)
                else { return nil }
                return .some(Double(length) / Double(scale))
            }
            return .some(nil)
        }

        /// By the bit rate of its first frame.
        private static func mp3(_ head: Slice, _ size: Int) -> Double?? {
            var place = 0
            if head.has("ID3", at: 0) {
                // Seven bits a byte.
                let sizes = (6..<10).compactMap { head[$0].map { Int($0 & 0x7F) } }
                guard sizes.count == 4 else { return nil }
                place = 10 + sizes.reduce(0) { $0 << 7 | $1 }
                // A picture of the cover may be longer than what is looked at.
                guard place < head.count else { return place < size ? .some(nil) : nil }
            }
            guard let frame = Frame(head, at: place) else { return nil }
            return .some(Double(size - place) * 8 / Double(frame.bitRate))
        }
    }

    /// The head of a frame of MPEG audio, layer 3.
    struct Frame {
        /// Bits a second.
        let bitRate: Int

        init?(_ bytes: Slice, at place: Int) {
            guard let first = bytes[place], let second = bytes[place + 1], let third = bytes[place + 2],
                first == 0xFF, second & 0xE6 == 0xE2, (second >> 3) & 3 != 1, (third >> 2) & 3 != 3
            else { return nil }
            let rates = (second >> 3) & 3 == 3 ? Self.rates1 : Self.rates2
            let index = Int(third >> 4)
            guard rates.indices.contains(index), rates[index] > 0 else { return nil }
            bitRate = rates[index] * 1_000
        }

        private static let rates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
        private static let rates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
    }
}

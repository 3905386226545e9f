import Core

/// A currency in use, by its three letters in ISO 4217.
package struct Currency: Sendable, Hashable {
    package let code: String
    /// The digits its smallest coin has behind the point.
    package let decimals: Int

    /// The currency called `code`, in capitals; nil when the list of 2026 has none of that name.
    package init?(_ code: String) {
        guard let decimals = Self.decimals[code] else { return nil }
        self.code = code
        self.decimals = decimals
    }

    /// The currency called `code`. Throws `invalid` when there is none.
    package init(_ code: String, at pointer: String) throws(Failure) {
        guard let currency = Currency(code) else {
            throw Failure(
                .invalid,
                "\"\(code.prefix(10))\" is no currency of ISO 4217; write three capitals such as EUR.",
                at: pointer)
        }
        self = currency
    }

    /// All codes, in order.
    package static var codes: [String] { decimals.keys.sorted() }

    private static let decimals: [String: Int] = {
        let pairs = lists.flatMap { digits, codes in codes.split(separator: " ").map { (String($0), digits) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()

    private static let lists: [(Int, String)] = [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
        (
            2,
            """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
            CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
            GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL \
            MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR \
            PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP \
            TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
            """
        ),
    ]
}

extension Amount {
    /// Throws `invalid` when it has more digits behind the point than `currency` has.
    package func check(in currency: Currency, at pointer: String) throws(Failure) {
        guard precision > currency.decimals else { return }
        let most = currency.decimals == 0 ? "none" : "\(currency.decimals)"
        throw Failure(
            .invalid,
            "\(text(decimals: 0)) has \(precision) digits behind the point; \(currency.code) has \(most).",
            at: pointer)
    }
}

import Core
import Foundation

/// Which passwords are taken.
package enum PasswordRule {
    /// In Unicode scalars.
    package static let length = 10...200
    /// What libxcrypt reads.
    private static let bytes = 512

    /// Throws `Failure(.invalid)` at `pointer` where a password is too short, too long or too easy to guess.
    package static func check(
        _ password: String, email: String, at pointer: String
    ) throws(Failure) {
        let count = password.unicodeScalars.count
        guard length.contains(count) else {
            throw Failure(
                .invalid,
                "A password has \(length.lowerBound) to \(length.upperBound) characters; this has \(count).",
                at: pointer)
        }
        guard password.precomposedStringWithCanonicalMapping.utf8.count <= bytes else {
            throw Failure(.invalid, "A password has \(bytes) bytes of UTF-8 at most.", at: pointer)
        }
        guard password.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw Failure(.invalid, "A password holds no control characters.", at: pointer)
        }
        guard !isEasy(password, email: email) else {
            throw Failure(.invalid, "This password is easy to guess. Take another one.", at: pointer)
        }
    }

    private static func isEasy(_ password: String, email: String) -> Bool {
        let plain = password.lowercased().filter { !$0.isWhitespace }
        let address = email.lowercased()
        if Set(plain).count < 3 || plain == address || common.contains(plain) { return true }
        return plain == address.prefix { $0 != "@" }
    }

    /// The passwords of ten characters and more that lists of stolen ones name first.
    private static let common: Set<String> = Set(
        """
        1234567890 0123456789 9876543210 0987654321 12345678910 123456789012 1234567891 1122334455
        1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv qwertyuiop qwerty1234 qwerty12345
        qwerty123456 asdfghjkl1 asdfghjkl; zxcvbnm123 qazwsxedcr qazwsxedc1 q1w2e3r4t5 q1w2e3r4t5y6
        password12 password123 password1234 password12345 password123456 passw0rd123 p@ssw0rd123
        p@ssword123 p@ssw0rd1234 passwordpassword iloveyou12 iloveyou123 iloveyouso iloveyou1234
        letmein123 letmein1234 welcome123 welcome1234 administrator admin12345 admin123456 admin1234567
        adminadmin changeme123 changeme1234 trustno1trustno1 abcdefghij abcdef1234 abc1234567 abcd123456
        abcd1234567 a123456789 a1234567890 aa12345678 aa123456789 football123 baseball123 basketball
        superman123 batman1234 dragon1234 monkey1234 sunshine123 princess123 michael123 charlie123
        starwars123 liverpool1 liverpool123 manchester chelsea123 arsenal123 barcelona1 computer123
        internet123 samsung123 google1234 facebook123 whatever123 jordan2323 hello12345 hello123456
        correcthorsebatterystaple mypassword123 thepassword secret1234 secret12345 master1234 killer1234
        test123456 testtest12 test1234567 testpassword defaultpassword rootroot12 root123456 toor123456
        guest12345
        """.split { $0.isWhitespace }.map(String.init))
}

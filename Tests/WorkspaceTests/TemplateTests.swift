import Core
import Testing
import Workspace

@Suite struct `A template` {
    private func template(
        _ body: String, _ language: Escape.Language = .text
    ) throws(Failure) -> Template {
        try Template(body, in: language, at: "/body")
    }

    /// Where and why `work` was refused.
    private func refusal(_ work: () throws -> some Any) -> String? {
        do {
            _ = try work()
            return nil
        } catch { return (error as? Failure)?.pointer }
    }

    @Test func `puts values and fallbacks in their places`() throws {
        let text = try template("Dear {{name}}, {{ greeting | good day }} {{name}} {{empty|}}.")
        #expect(text.variables == ["name", "greeting", "empty"])
        #expect(text.required == ["name"])
        #expect(try text.filled(with: ["name": "Ada"]) == "Dear Ada, good day Ada .")
        #expect(
            try text.filled(with: ["name": "Ada", "greeting": "hi", "empty": "!"]) == "Dear Ada, hi Ada !.")
    }

    @Test func `names the variable that is missing`() throws {
        let text = try template("{{a}} {{b}}")
        #expect(refusal { try text.filled(with: ["a": "1"]) } == "/variables/b")
    }

    @Test func `does not look into values again`() throws {
        let text = try template("{{a}} {{b|x}}")
        #expect(try text.filled(with: ["a": "{{b}}"]) == "{{b}} x")
    }

    @Test(arguments: ["{{", "{{name", "{{}}", "{{ }}", "{{1a}}", "{{a b}}", "{{a.b}}", "{{{a}}}", "{{|x}}"])
    func `is refused with a placeholder that is none`(_ body: String) {
        #expect(refusal { try template(body) } == "/body")
    }

    @Test func `has a bounded number of variables and bounded values`() throws {
        let many = (0...Template.variablesLimit).map { "{{v\($0)}}" }.joined()
        #expect(refusal { try template(many) } == "/body")
        let long = String(repeating: "x", count: Template.valueLimit + 1)
        #expect(refusal { try template("{{a}}").filled(with: ["a": long]) } == "/variables/a")
        #expect(refusal { try template("{{a}}").filled(with: ["a": "x\u{0}"]) } == "/variables/a")
    }

    @Test func `keeps markup out of HTML`() throws {
        let text = try template("<p title=\"{{t}}\">{{x}}</p>", .html)
        let filled = try text.filled(with: [
            "t": "\" onclick=\"alert(1)", "x": "<script>alert('x')</script>&",
        ])
        #expect(
            filled == "<p title=\"&quot; onclick=&quot;alert(1)\">"
                + "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</p>")
    }

    @Test(arguments: [
        "<script>var a = '{{x}}'</script>", "<style>p { color: {{x}} }</style>", "<!-- {{x}} -->",
        "<p {{x}}>", "<p class={{x}}>", "<{{x}}>", "<p onclick=\"f('{{x}}')\">", "<p style='width:{{x}}'>",
        "<a href=\"java{{x}}\">", "<iframe srcdoc=\"{{x}}\">", "<SCRIPT>{{x}}</SCRIPT>",
        "<p\nONLOAD = \"{{x}}\">",
        "<img src={{x}}>", "<title>{{x}}</title>", "<a href=\"{{a}}{{x}}\">",
    ])
    func `is refused where no value is safe in HTML`(_ body: String) {
        #expect(refusal { try template(body, .html) } == "/body")
    }

    @Test(arguments: [
        "2 < 3 {{x}}", "<p>{{x}}</p>", "<br/>{{x}}", "<script></script>{{x}}", "<!-- a > b -->{{x}}",
        "<a title='>' href='https://x.example/?q={{x}}'>", "<a href='/{{x}}'>", "<a href=\"{{x}}\">",
    ])
    func `is taken where a value is safe in HTML`(_ body: String) throws {
        #expect(try template(body, .html).variables == ["x"])
    }

    @Test(arguments: [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:x", "data:text/html,x", "x", "",
    ])
    func `takes no script for an address`(_ address: String) throws {
        let link = try template("<a href=\"{{x}}\">", .html)
        #expect(refusal { try link.filled(with: ["x": address]) } == "/variables/x")
        #expect(
            try link.filled(with: ["x": "https://a.example/?a=1&b=\"2"])
                == "<a href=\"https://a.example/?a=1&amp;b=&quot;2\">")
    }

    @Test func `marks what Telegram and Slack would take for markup`() throws {
        let telegram = try template("*Hi* {{x}}", .telegram)
        #expect(
            try telegram.filled(with: ["x": "a_b*c [d](e) \\ 1.5!"])
                == "*Hi* a\\_b\\*c \\[d\\]\\(e\\) \\\\ 1\\.5\\!")
        let slack = try template("{{x}}", .slack)
        #expect(try slack.filled(with: ["x": "<!channel> & co"]) == "&lt;!channel&gt; &amp; co")
    }

    @Test(arguments: ["a\r\nBcc: x@y.example", "a\nb", "a\u{2028}b", "a\tb"])
    func `lets no second line into a subject`(_ value: String) throws {
        let line = try template("About {{x}}", .line)
        #expect(refusal { try line.filled(with: ["x": value]) } == "/variables/x")
    }

    @Test func `of a message refuses variables that it does not have`() throws {
        let message = try MessageTemplate(
            Values(["channel": "email", "subject": "{{a}}", "body": "{{b|x}} {{a}}"]))
        #expect(message.variables == ["a", "b"])
        #expect(refusal { try message.filled(with: ["a": "1", "c/d": "2"]) } == "/variables/c~1d")
        let filled = try message.filled(with: ["a": "1"])
        #expect(filled.text("subject") == "1")
        #expect(filled.text("body") == "x 1")
        #expect(refusal { try MessageTemplate.variables(["a": [1]]) } == "/variables/a")
        #expect(
            try MessageTemplate.variables(["a": 1, "b": true, "c": "x"]) == ["a": "1", "b": "true", "c": "x"])
    }
}

@Suite struct `The plain text of HTML` {
    @Test func `has the words and the lines`() {
        let html = """
            <html><head><title>T</title><style>p { x }</style></head><body><h1>Hello&nbsp;Ada</h1>
            <p>One &amp;lt; two<br>three</p><script>no()</script><p>end</p></body>
            """
        #expect(PlainText.of(html: html) == "Hello Ada\n\nOne &lt; two\nthree\nend")
    }

    @Test(arguments: ["<", "<p", "a <script>b", "<!-- x", ""])
    func `ends also where the HTML does not`(_ html: String) {
        #expect(!PlainText.of(html: html).contains("script"))
    }
}

import Core
import Testing

@testable import GraphQL

@Suite struct `A document` {
    @Test func `is answered field by field, in its own order and by its own names`() async {
        let answer = await Library().answer(
            """
            query Look($id: ID!, $long: Boolean = false) {
              mine: book(id: $id) { ...Short __typename ... on Book { pages @skip(if: $long) } title }
              other: book(id: 3) @include(if: $long) { id }
            }
            fragment Short on Book { title id }
            """, ["id": 1])
        #expect(
            answer.text == #"{"data":{"mine":{"title":"Emma","id":"1","__typename":"Book","pages":474}}}"#)
    }

    @Test func `asks for what all objects of a level refer to at once`() async {
        let library = Library()
        let answer = await library.answer(
            "{ books(first: 4) { nodes { author { name books { title author { id } } } } } }")
        #expect(library.asked.filter { $0 == "Book.author x4" }.count == 1)
        #expect(library.asked.filter { $0.hasPrefix("Author.books") } == ["Author.books x3"])
        #expect(
            answer.value(at: "/data/books/nodes/1/author/books/0/author/id")?.string == "a", "\(answer.text)")
    }

    @Test func `keeps what it could answer when a field fails`() async {
        let answer = await Library().answer("{ books { nodes { id title author { name } } } }")
        #expect(answer.value(at: "/data/books/nodes/0/title")?.string == "Emma")
        // The title that cannot be null takes its book with it.
        #expect(answer.value(at: "/data/books/nodes/3") == .null)
        #expect(answer.messages == ["This cannot be null, and is.", "Nobody wrote this."])
        #expect(answer.value(at: "/errors/1/path")?.text == #"["books","nodes",3,"author"]"#)
        #expect(answer.value(at: "/errors/0/locations")?.text == #"[{"line":1,"column":22}]"#)
    }

    @Test func `has one of its operations run, by name`() async {
        let both = "query A { book(id: 1) { id } } query B { book(id: 2) { id } }"
        let library = Library()
        #expect(await library.answer(both, operation: "B").value(at: "/data/book/id")?.string == "2")
        #expect(await library.answer(both).messages.first?.contains("operationName") == true)
        #expect(await library.answer(both, operation: "C").messages.count == 1)
    }

    @Test func `gives its values as they were meant`() async {
        let answer = await Library().answer(
            #"""
            query ($tags: [String!], $any: Any) {
              echo(of: {title: "a\u00e4\u{1F600}\uD83D\uDE00\n", tags: $tags,
                more: {x: [1, 2.5e1, $any], y: null}})
            }
            """#, ["tags": "one", "any": ["deep": true]])
        #expect(
            answer["data"]?["echo"] == [
                "title": "aä😀😀\n", "pages": 1, "tags": ["one"],
                "more": ["x": [1, 25.0, ["deep": true]], "y": nil],
            ], "\(answer.text)")
        let block = await Library().answer(#"{ echo(of: {title: """\#n    a\#n      b \""" c\#n  """}) }"#)
        #expect(block.value(at: "/data/echo/title")?.string == "a\n  b \"\"\" c")
    }

    @Test(arguments: [
        ("{ book(id: 1) { id }", "1:21 Here must stand a name, not the end."),
        ("{ book(id: 1) }", "1:3 Say which fields of \"book\" are wanted: book { ... }."),
        ("{ nothing }", "1:3 Query has no field \"nothing\"."),
        ("{ book { id } }", "1:3 \"book\" needs the argument \"id\"."),
        ("{ book(id: 1, x: 2) { id } }", "1:15 \"book\" takes no argument \"x\"."),
        ("{ book(id: 1) { title { x } } }", "1:17 \"title\" has no fields of its own."),
        ("{ books(order: size) { next } }", "1:9 order must be one of title, pages."),
        ("{ books(order: \"title\") { next } }", "1:9 order must be one of title, pages, without quotes."),
        ("{ books(first: 1.5) { next } }", "1:9 first must be of type Int."),
        ("{ books(first: 3000000000) { next } }", "1:9 first must be of type Int."),
        ("{ echo(of: {}) }", "1:8 of/title is needed."),
        ("{ echo(of: {title: \"x\", size: 1}) }", "1:8 of has no field \"size\"."),
        (
            "query ($id: ID) { book(id: $id) { id } }",
            "1:24 $id is of type ID, and ID! is needed here."
        ),
        ("{ book(id: $id) { id } }", "1:8 The variable $id is not declared."),
        ("query ($id: ID) { books { next } }", "1:8 Nothing uses the variable $id."),
        ("query ($b: Book) { book(id: $b) { id } }", "1:8 $b has the type Book, which is not given."),
        ("{ ...A }", "1:3 There is no fragment called A."),
        (
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
            "1:10 The fragment A contains itself."
        ),
        ("{ books { next } } fragment A on Book { id }", "1:20 Nothing uses the fragment A."),
        ("{ book(id: 1) { ...A } } fragment A on Order { id }", "1:26 Order is no type with fields."),
        ("{ books @late { next } }", "1:9 There is no directive @late."),
        (
            "{ a: book(id: 1) { id } a: book(id: 2) { id } }",
            "1:25 Two different fields would be called \"a\"; give one an alias."
        ),
        (
            "subscription { books { next } }",
            "1:1 There are no subscriptions here; the WebSocket tells of changes."
        ),
        ("{ books(first: 01) { next } }", "1:16 A number does not begin with 0."),
        ("{ book(id: \"x) { id } }", "1:12 This string has no end."),
        ("{ book(id: \"\\uD800\") { id } }", "1:12 An escape in this string names no character."),
        ("\n\n { böok }", "3:5 This character has no place in a document."),
        ("{ a } { b }", "1:1 An operation beside others needs a name."),
    ]) func `is refused with the place that is wrong`(document: String, complaint: String) async {
        let answer = await Library().answer(document)
        let first = answer["errors"]?.array?.first
        let place = first?["locations"]?.array?.first
        let shown =
            "\(place?["line"]?.integer ?? 0):\(place?["column"]?.integer ?? 0) "
            + "\(first?["message"]?.string ?? answer.text)"
        #expect(shown == complaint)
        #expect(answer["data"] == nil)
    }

    @Test func `is refused where a variable is missing or of the wrong kind`() async {
        let document = "query ($book: NewBook!) { echo(of: $book) }"
        let cases: [(JSON, String)] = [
            ([:], "$book is needed."), (["book": nil], "$book is needed."),
            (["book": ["title": 1]], "$book/title must be of type String."),
            (["book": ["title": "x", "pages": "9"]], "$book/pages must be of type Int."),
            (["book": ["title": "x", "tags": [nil]]], "$book/tags/0 is needed."),
            (["book": ["title": "x", "y": 1]], "$book has no field \"y\"."),
        ]
        for (variables, complaint) in cases {
            #expect(await Library().answer(document, variables).messages == [complaint])
        }
    }
}

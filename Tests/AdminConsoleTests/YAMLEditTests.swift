import Testing

@testable import AdminConsole

/// Single values are changed, and nothing beside them.
@Suite struct YAMLEditTests {
  static let file = """
    # The rules.
    global:
      strict_mode: false                   # true: lock for good

    rules:
      # RULE-001
      max_contracts:
        enabled: true
        limit: 5                           # adjust
        count_type: "net"                  # or gross

      symbol_blocks:
        enabled: true
        blocked_symbols:
          - "RTY"                          # adjust
        close_existing: true               # false: may stay
      hours: {start: "08:30", end: "15:00"}   # in braces
      days: [0, 1, 2]
      empty:
    tail: 'it''s'
    # the end

    """

  private func changed(
    _ path: String, _ value: String, in text: String = file
  ) throws(YAMLEditError) -> String {
    var edit = try YAMLEdit(text)
    try edit.set(YAMLPath(path), to: value)
    return edit.text
  }

  @Test(arguments: [
    ("global.strict_mode", "true", "strict_mode: false  ", "strict_mode: true   "),
    (
      "rules.max_contracts.limit", "12", "limit: 5                           # adjust",
      "limit: 12                          # adjust"
    ),
    (
      "rules.max_contracts.count_type", "\"gross\"", "\"net\"                  #",
      "\"gross\"                #"
    ),
    (
      "rules.hours", "{}", "{start: \"08:30\", end: \"15:00\"}   #",
      "{}" + String(repeating: " ", count: 31) + "#"
    ),
    ("rules.days", "[4]", "[0, 1, 2]", "[4]"),
    ("tail", "'other'", "'it''s'", "'other'"),
    ("rules.empty", "7", "empty:", "empty: 7"),
  ])
  func `a value is replaced, and its comment keeps its column`(
    path: String, value: String, old: String, new: String
  ) throws {
    #expect(try changed(path, value) == Self.file.replacing(old, with: new))
  }

  @Test func `a comment gives way to a long value`() throws {
    let text = "a: 1  # why\nb: 2\n"
    #expect(try changed("a", "1234567", in: text) == "a: 1234567 # why\nb: 2\n")
  }

  @Test func `an absent key is added at the end of its block`() throws {
    #expect(
      try changed("rules.max_contracts.enforcement", "close_all")
        == Self.file.replacing(
          "# or gross\n", with: "# or gross\n    enforcement: close_all\n"))
    #expect(
      try changed("rules.max_contracts.a.b", "1")
        == Self.file.replacing("# or gross\n", with: "# or gross\n    a:\n      b: 1\n"))
    #expect(
      try changed("rules.empty.inner", "1")
        == Self.file.replacing("  empty:\n", with: "  empty:\n    inner: 1\n"))
    #expect(try changed("new", "1") == Self.file.replacing("it''s'\n", with: "it''s'\nnew: 1\n"))
  }

  @Test func `a list with a line for each element stays one`() throws {
    #expect(
      try changed("rules.symbol_blocks.blocked_symbols", "[RTY, NQ]")
        == Self.file.replacing(
          "# adjust\n    close", with: "# adjust\n      - \"NQ\"\n    close"))
    #expect(
      try changed("rules.symbol_blocks.blocked_symbols", "CL")
        == Self.file.replacing("- \"RTY\"                          # adjust", with: "- \"CL\""))
  }

  @Test func `a key or an element is removed with what is below it`() throws {
    var edit = try YAMLEdit(Self.file)
    try edit.remove(YAMLPath("rules.symbol_blocks"))
    #expect(!edit.text.contains("RTY"))
    #expect(edit.text.contains("# or gross\n\n  hours:"))
    let list =
      "accounts:\n  # first\n  - id: 1\n    # its name\n    name: a\n  # second\n  - id: 2\n"
    var accounts = try YAMLEdit(list)
    try accounts.remove(YAMLPath("accounts[0]"))
    #expect(accounts.text == "accounts:\n  # first\n  # second\n  - id: 2\n")
    #expect(throws: YAMLEditError.self) { try accounts.remove(YAMLPath("accounts[0]")) }
    #expect(throws: YAMLEditError.self) { try accounts.remove(YAMLPath("accounts[0].id")) }
    #expect(throws: YAMLEditError.noSuchKey("accounts[3]")) {
      try accounts.remove(YAMLPath("accounts[3]"))
    }
  }

  @Test(arguments: ["  ", ""])
  func `a block is added behind the last element`(indent: String) throws {
    let list = "accounts:\n\(indent)- id: 1\n\(indent)  name: a   # own\n# end\nother: 1\n"
    var edit = try YAMLEdit(list)
    try edit.append([("id", "2"), ("name", "\"b\"")], to: YAMLPath("accounts"))
    #expect(
      edit.text
        == "accounts:\n\(indent)- id: 1\n\(indent)  name: a   # own\n\(indent)- id: 2\n"
        + "\(indent)  name: \"b\"\n# end\nother: 1\n")
    try edit.set(YAMLPath("accounts[1].name"), to: "\"c\"")
    try edit.set(YAMLPath("accounts[0].enabled"), to: "false")
    #expect(edit.text.contains("# own\n\(indent)  enabled: false\n\(indent)- id: 2"))
    #expect(edit.text.contains("name: \"c\""))
  }

  @Test(arguments: [
    ("a:\n\tb: 1\n", "line 2 is indented with a tab"),
    ("a: 1\r\n", "line 1 ends with a carriage return"),
    ("a: &x 1\n", "line 1 has an anchor, an alias or a tag"),
    ("a: *x\n", "line 1 has an anchor"),
    ("a: !!str 1\n", "line 1 has an anchor"),
    ("a: |\n  text\n", "line 1 begins a text of several lines"),
    ("a: one\n  two\n", "line 2 goes on with the value of the line before it"),
    ("a: [1,\n  2]\n", "line 1 has a bracket that is not closed"),
    ("a: \"one\n  two\"\n", "line 1 has a quote that is not closed"),
    ("a: 'x' y\n", "line 1 has more behind its value"),
    ("a: 1\na: 2\n", "line 2 has a once more"),
    ("a:\n    b: 1\n  c: 2\n", "line 3 "),
    ("a: 1\n  b: 2\n", "line 2 goes on"),
    ("a: 1\nb\n", "line 2 is no key with its value"),
    ("a: 1\n---\nb: 2\n", "line 2 "),
    ("<<: {a: 1}\n*x : 1\n", "line 2 has a key that is no plain word"),
  ])
  func `what is not understood is not touched`(text: String, problem: String) {
    do {
      _ = try YAMLEdit(text)
      Issue.record("it was taken: \(text)")
    } catch {
      #expect(error.description.hasPrefix(problem), "\(error)")
    }
  }

  @Test(arguments: [
    ("rules.max_contracts", "1", "rules.max_contracts in line 8 is a block"),
    ("rules.hours.start", "1", "rules.hours.start stands in braces in line 17"),
    ("rules.symbol_blocks.blocked_symbols", "{a: 1}", "rules.symbol_blocks.blocked_symbols"),
    ("accounts[0].name", "1", "there is no accounts[0].name"),
    ("tail", "a\nb", "the value holds characters"),
    ("tail", "", "the value holds characters"),
    ("a..b", "1", "a..b is no key"),
    ("a[x]", "1", "a[x] is no key"),
    ("a[1]x", "1", "a[1]x is no key"),
  ])
  func `what cannot be done exactly is refused`(path: String, value: String, problem: String) {
    do {
      _ = try changed(path, value)
      Issue.record("it was done")
    } catch {
      #expect(error.description.hasPrefix(problem), "\(error)")
    }
  }

  @Test func `a document mark, quoted keys and a missing last newline are right`() throws {
    #expect(try changed("a", "2", in: "---\n\"a\": 1\n'b': x # y") == "---\n\"a\": 2\n'b': x # y")
    #expect(try YAMLEdit("").text == "")
    #expect(try YAMLEdit("# only\n").text == "# only\n")
    #expect(try YAMLEdit("a:\n  - - 1\n  -\n    b: 2\n").value(at: YAMLPath("a[1].b")) == "2")
    #expect(try YAMLEdit("a:\n  - - 1\n").value(at: YAMLPath("a")) == nil)
  }

  @Test(
    arguments: [
      ("7", nil, "7"), ("close_all", "net", "close_all"), ("gross", "\"net\"", "\"gross\""),
      ("it's", "'x'", "'it''s'"), ("17:00", nil, "\"17:00\""), ("[1, 2]", "[1]", "[1, 2]"),
      ("{a: 1}", nil, "{a: 1}"), ("-5", nil, "-5"), ("-", nil, "\"-\""), ("a b", nil, "\"a b\""),
      ("\"in quotes\"", nil, "\"in quotes\""), ("say \"so\"", nil, "\"say \\\"so\\\"\""),
      ("America/Chicago", nil, "America/Chicago"), ("", nil, "\"\""),
    ] as [(String, String?, String)])
  func `what was typed is written like what it replaces`(
    typed: String, old: String?, written: String
  ) {
    #expect(YAMLText.value(typed, like: old) == written)
    #expect(YAMLText.bare(written) == YAMLText.bare(typed))
  }
}

import Testing

@testable import Settings

/// The syntax of .env.
struct EnvironmentFileTests {
  private func parse(_ text: String) -> (values: [String: String], problems: [String]) {
    let findings = Findings()
    let assignments = EnvironmentFile.parse(text, file: ".env", findings: findings)
    return (
      Dictionary(uniqueKeysWithValues: assignments.map { ($0.name, $0.value) }),
      findings.problems.map(\.description)
    )
  }

  @Test(arguments: [
    ("A=b", "b"), ("A=", ""), ("  A=b  ", "b"), ("A= b ", "b"), ("A=b c", "b c"),
    ("A=b # comment", "b"), ("A=b#c", "b#c"), ("A=# comment", "# comment"),
    ("A= # comment", ""), ("A='b # c'", "b # c"), ("A='b' # c", "b"), ("A=\"b\"", "b"),
    ("A=\"b\\\"c\\\\d\\n\"", "b\"c\\d\\n"), ("A='b\\'", "b\\"),
    ("A=$HOME ${X} $(y)", "$HOME ${X} $(y)"),
    ("A='$2b$12$x'", "$2b$12$x"), ("A=$2b$12$x", "$2b$12$x"), ("A=b\r", "b"), ("A=b=c", "b=c"),
    ("A=b\u{2009}", "b\u{2009}"), ("A=it's", "it's"),
  ])
  func values(_ line: String, value: String) {
    let (values, problems) = parse("# first\n\n\(line)\n")
    #expect(values == ["A": value])
    #expect(problems.isEmpty)
  }

  @Test(arguments: [
    ("export A=b", ".env:2: is not an assignment; write NAME=value, without export or blanks"),
    ("just words", ".env:2: is not an assignment; write NAME=value, without export or blanks"),
    ("1A=b", ".env:2: is not an assignment; write NAME=value, without export or blanks"),
    ("=b", ".env:2: is not an assignment; write NAME=value, without export or blanks"),
    ("A='hidden", ".env:2: A: has no closing quote; close it with '"),
    ("A=\"hidden\\\"", ".env:2: A: has no closing quote; close it with \""),
    ("A='hid'den", ".env:2: A: goes on after the closing quote; end the line there"),
    ("A=hid\u{1}den", ".env:2: A: holds a control character; write printable text"),
  ])
  func problemsNeverShowTheValue(_ line: String, report: String) {
    let (values, problems) = parse("#\n\(line)\nB=c")
    #expect(problems == [report])
    #expect(values["B"] == "c")
    #expect(values["A"] == nil)
  }

  @Test func theSameNameTwice() {
    let (_, problems) = parse("A=b\nA=c")
    #expect(problems == [".env:2: A: is there already in line 1; keep one of the two"])
  }
}

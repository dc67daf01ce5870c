import Testing

@testable import AdminConsole

/// Variables of a .env are changed, and nothing beside them.
@Suite struct SecretsEditTests {
  @Test(arguments: [
    ("A=1\nB=2\n", "A=new\nB=2\n"),
    ("# A=0\n  A='o#ld'  # why\n", "# A=0\nA=new  # why\n"),
    ("A=\"o \\\" # d\" # why\n", "A=new  # why\n"),
    ("A=old#part # why\n", "A=new  # why\n"),
    ("AB=1\n", "AB=1\nA=new\n"),
    ("", "A=new\n"),
    ("B=1", "B=1\nA=new\n"),
  ])
  func `a variable gets its value`(before: String, after: String) {
    var edit = SecretsEdit(before)
    let isSet = edit.set("A", to: "new")
    #expect(isSet)
    #expect(edit.text == after)
  }

  @Test(arguments: [
    ("plain+/=@:1", "plain+/=@:1"), ("with blank", "'with blank'"), ("$dollar", "'$dollar'"),
    ("it's \\ \"so\"", "\"it's \\\\ \\\"so\\\"\""),
  ])
  func `a value is quoted where it has to be`(value: String, written: String) {
    var edit = SecretsEdit("")
    let isSet = edit.set("A", to: value)
    #expect(isSet)
    #expect(edit.text == "A=\(written)\n")
  }

  @Test(arguments: ["", "two\nlines", "\u{7}"])
  func `what does not fit on a line is refused`(value: String) {
    var edit = SecretsEdit("A=1\n")
    let isSet = edit.set("A", to: value)
    #expect(!isSet)
    #expect(edit.text == "A=1\n")
  }
}

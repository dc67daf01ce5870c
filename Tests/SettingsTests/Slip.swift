import Testing

@testable import Settings

/// One slip in a configuration that is right otherwise, and all that riskd says about it.
struct Slip: Sendable, CustomTestStringConvertible {
  var name: String
  var file: String
  var old: String
  var new: String
  var report: [String]

  var testDescription: String { name }

  func check() throws {
    let root = try ConfigurationRoot()
    try root.replace(old, with: new, in: file)
    #expect(root.problems().split(separator: "\n").map(String.init) == report)
  }
}

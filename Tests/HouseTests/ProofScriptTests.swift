import Foundation
import Testing

/// The scripts that show what riskd promises say no when nothing was shown.
@Suite struct ProofScriptTests {
  /// What stands in for the tests prints this and ends well.
  private static let silence = [
    "", "Test run started.", "Test run with 0 tests in 0 suites passed after 0.001 seconds.",
  ]
  private static let passed = "Test run with 2 tests in 1 suite passed after 0.001 seconds."

  private struct Outcome {
    var code: Int32
    var output: String
  }

  /// Runs a script of a copy of the tree whose tests only say `saying`.
  private func run(_ arguments: [String], saying text: String, code: Int32 = 0) throws -> Outcome {
    let files = FileManager.default
    let tree = files.temporaryDirectory.appending(path: "proof-\(UUID().uuidString)")
    defer { try? files.removeItem(at: tree) }
    for folder in ["scripts", "Tests", "bin"] {
      try files.createDirectory(
        at: tree.appending(path: folder), withIntermediateDirectories: true)
    }
    let copied = ["prove", "faults", "session"].map { "scripts/\($0)" }
    for path in copied + ["Tests/faults.tsv", "Tests/proof.tsv"] {
      try files.copyItem(at: SourceTree.root.appending(path: path), to: tree.appending(path: path))
    }
    let stand = tree.appending(path: "bin/riskdPackageTests.xctest")
    try "#!/bin/sh\necho '\(text)'\nexit \(code)\n"
      .write(to: stand, atomically: true, encoding: .utf8)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: stand.path())
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = arguments
    process.currentDirectoryURL = tree
    process.environment = [
      "PATH": "/usr/bin:/bin", "BIN": tree.appending(path: "bin").path(), "HOME": tree.path(),
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let kept = tree.appending(path: ".build/prove/faults.md")
    if arguments[0] == "scripts/faults" {
      #expect(try Data(contentsOf: kept) == bytes)
    }
    return Outcome(
      code: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
  }

  @Test(arguments: silence)
  func `a fault whose tests did not run was not seen`(said: String) throws {
    let outcome = try run(["scripts/faults", "14"], saying: said)
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("| no | ProcessTests/StartTests: nothing in"))
    #expect(outcome.output.contains("faults: 0 of 1 seen"))
  }

  @Test func `a fault whose tests passed was seen, and one whose tests failed was not`() throws {
    let good = try run(["scripts/faults", "14", "33"], saying: Self.passed)
    #expect(good.output.contains("| 14 | a second supervisor"))
    #expect(good.output.contains("| yes | ProcessTests/StartTests: 2 tests in"))
    let bad = try run(["scripts/faults", "14"], saying: Self.passed, code: 1)
    #expect(bad.code == 1)
    #expect(bad.output.contains("**failed**"))
    let unknown = try run(["scripts/faults", "99"], saying: Self.passed)
    #expect(unknown.code == 1)
    #expect(unknown.output.contains("faults: 0 of 0 seen"))
  }

  @Test(arguments: silence)
  func `a part of the proof whose filter matches nothing fails`(said: String) throws {
    let outcome = try run(["scripts/prove", "--only", "replay", "edges"], saying: said)
    #expect(outcome.code == 1)
    #expect(outcome.output.contains(/replay +FAILED/))
    #expect(outcome.output.contains(/edges +FAILED/))
  }

  @Test func `a part of the proof passes when its tests do`() throws {
    #expect(try run(["scripts/prove", "--only", "replay"], saying: Self.passed).code == 0)
    let bad = try run(["scripts/prove", "--only", "replay"], saying: Self.passed, code: 1)
    #expect(bad.code == 1)
    #expect(bad.output.contains(/replay +FAILED/))
  }
}

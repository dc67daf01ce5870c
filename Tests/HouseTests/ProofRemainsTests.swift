import Foundation
import Testing

/// What the proof's scripts make of programs that do nothing, and of those that do not end.
@Suite struct ProofRemainsTests {
  private struct Outcome {
    var code: Int32
    var output: String
  }

  private let files = FileManager.default
  private let tree = FileManager.default.temporaryDirectory
    .appending(path: "proof-\(UUID().uuidString)")

  private func copy(_ paths: [String]) throws {
    for path in paths {
      let place = tree.appending(path: path)
      try files.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try files.copyItem(at: SourceTree.root.appending(path: path), to: place)
    }
  }

  private func write(_ script: String, to path: String) throws {
    let place = tree.appending(path: path)
    try files.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try ("#!/bin/bash\n" + script + "\n").write(to: place, atomically: true, encoding: .utf8)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path())
  }

  private func run(_ arguments: [String]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = arguments
    process.currentDirectoryURL = tree
    process.environment = [
      "PATH": "\(tree.appending(path: "bin").path()):/usr/bin:/bin",
      "BIN": tree.appending(path: "bin").path(), "HOME": tree.path(),
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
  }

  @Test(arguments: [
    ("echo nothing of note", 0, 1), ("echo 'stat::number_of_executed_units: 0'", 0, 1),
    ("echo 'stat::number_of_executed_units: 70'", 0, 0),
    ("echo 'stat::number_of_executed_units: 70'", 77, 1),
  ])
  func `decoders that were fed nothing have shown nothing`(
    said: String, ended: Int, expected: Int32
  ) throws {
    defer { try? files.removeItem(at: tree) }
    try copy(["scripts/fuzz"])
    try write("echo \"$PWD/bin\"", to: "bin/swift")
    try write("\(said) >&2; exit \(ended)", to: "bin/riskfuzz")
    let outcome = try run(["scripts/fuzz", "1", "json"])
    #expect(outcome.code == expected, "\(outcome.output)")
    #expect(outcome.output.hasPrefix("json: "))
  }

  @Test(arguments: [0, 1])
  func `what a part of the proof leaves running ends with it`(ended: Int32) throws {
    defer { try? files.removeItem(at: tree) }
    try copy(["scripts/prove", "scripts/session", "Tests/proof.tsv"])
    // A job of its own has a process group of its own, as riskd and its workers have.
    try write(
      """
      set -m
      sleep 600 >/dev/null 2>&1 &
      echo $! >"$HOME/left"
      echo 'Test run with 1 test in 1 suite passed after 0.001 seconds.'
      exit \(ended)
      """, to: "bin/riskdPackageTests.xctest")
    let outcome = try run(["scripts/prove", "--only", "replay"])
    #expect(outcome.code == ended, "\(outcome.output)")
    let text = try String(contentsOf: tree.appending(path: "left"), encoding: .utf8)
    let left = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    // It is gone, or dead and nobody has asked for its end.
    var stat = ""
    for _ in 0..<500 {
      stat = (try? String(contentsOfFile: "/proc/\(left)/stat", encoding: .utf8)) ?? ""
      if stat.isEmpty || stat.contains(") Z ") { return }
      usleep(10_000)
    }
    Issue.record("it runs: \(stat)")
  }
}

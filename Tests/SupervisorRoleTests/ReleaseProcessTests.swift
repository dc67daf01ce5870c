import Foundation
import RiskModel
import Supervision
import SupervisorRole
import Testing

/// A release on trial as real processes: the program stands in a folder of releases.
@Suite struct ReleaseProcessTests {
  private func release(standing: String) throws -> (TemporaryRoot, program: String) {
    let root = try TemporaryRoot()
    let manager = FileManager.default
    for folder in ["release", "releases/a", "releases/b/bin"] {
      try manager.createDirectory(
        atPath: "\(root.path)/\(folder)", withIntermediateDirectories: true)
    }
    let program = root.path + "/releases/b/bin/riskd"
    try manager.createSymbolicLink(
      atPath: program, withDestinationPath: try supervisorProgram())
    let activated = Int(Date().timeIntervalSince1970) - 60
    try """
    current=b
    state=\(standing)
    tries=2
    activated=\(activated)
    previous=a
    rolled_back=0
    safe_mode=0
    reason=

    """.write(toFile: root.path + "/release/state", atomically: false, encoding: .utf8)
    try "schema_max=2\n".write(
      toFile: root.path + "/releases/a/release.env", atomically: false, encoding: .utf8)
    return (root, program)
  }

  private static func verdict(_ root: TemporaryRoot) -> String? {
    try? String(contentsOfFile: root.path + "/data/release.verdict", encoding: .utf8)
  }

  @Test func aCrashLoopOnTrialEndsWithAVerdictAndTheAgreedCode() throws {
    let (root, program) = try release(standing: "trial")
    defer { root.remove() }
    let world = try SupervisedProcesses(
      [.evaluator: "exit 1"], root: root, executable: program)
    world.assembly.loop.start()
    #expect(world.assembly.run() == 70)
    let verdict = try #require(Self.verdict(root))
    #expect(verdict.hasPrefix("release=b verdict=bad time=20"))
    #expect(verdict.contains(" reason=4 deaths of evaluator in 600 s (allowed: 3): "))
    #expect(verdict.split(separator: "\n").count == 1)
    let events = try world.history().map(\.event)
    #expect(events.contains(.rolledBack))
    #expect(events.last == .stopped)
    #expect(try world.history().filter { $0.event == .death && $0.isCounted == true }.count == 4)
  }

  @Test func aGoodReleaseStaysInSafeMode() throws {
    let (root, program) = try release(standing: "good")
    let world = try SupervisedProcesses(
      [.evaluator: "exit 1"], root: root, executable: program)
    world.assembly.loop.start()
    try world.run { $0.state == .safeMode }
    #expect(world.status().release == StatusReport.Release(id: "b", state: .good))
    #expect(Self.verdict(root) == nil)
    #expect(
      try world.history().filter { $0.event == .safeMode }.map(\.text) == [
        "SAFE MODE: release b is not on trial but good"
      ])
    try world.end()
  }

  @Test func aReleaseThatRunsWellIsWrittenDownAsGood() throws {
    let (root, program) = try release(standing: "trial")
    var settings = quickSettings()
    settings.markGoodAfter = .milliseconds(300)
    let world = try SupervisedProcesses(settings: settings, root: root, executable: program)
    world.assembly.loop.start()
    try world.run { $0.release.state == .good }
    #expect(Self.verdict(root)?.hasPrefix("release=b verdict=good time=20") == true)
    try world.end()
  }
}

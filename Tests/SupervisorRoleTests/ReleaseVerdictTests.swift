import Foundation
import Logging
import RiskModel
import Supervision
@testable import SupervisorRole
import Testing

/// A crash loop and good health of a release on trial, through the supervisor's loop and its files.
@Suite struct ReleaseVerdictTests {
  private static func trial(schemaOfPrevious: Int? = 2) -> ReleaseFacts {
    ReleaseFacts(
      own: "b",
      gate: GateState(
        current: "b", standing: .trial, activated: Instant(secondsSinceEpoch: 1_763_735_000),
        previous: "a"),
      previousSchema: schemaOfPrevious, schema: 2)
  }

  private func crash(_ ports: RecordingPorts) {
    for _ in 0..<3 { ports.die(.evaluator); ports.pass(.seconds(2)) }
    #expect(ports.exitCodes == [])
    _ = ports.take()
    ports.die(.evaluator)
  }

  @Test func aReleaseOnTrialIsGivenUpInOrder() {
    let ports = RecordingPorts()
    ports.releaseFacts = Self.trial()
    let loop = ports.readySupervisor()
    crash(ports)
    #expect(ports.take() == ["stop gateway"])
    #expect(ports.verdicts.map(\.word) == [.bad])
    #expect(ports.verdicts.first?.release == "b")
    #expect(ports.verdicts.first?.reason.hasPrefix("4 deaths of evaluator in 600 s") == true)
    ports.die(.gateway, .code(0))
    ports.die(.enforcer, .code(0))
    #expect(ports.take() == ["stop enforcer"])
    #expect(ports.exitCodes == [70])
    loop.stop()
    #expect(ports.exitCodes == [70])
    #expect(
      ports.entries.filter { $0.event == .rolledBack }.map(\.text) == [
        "release b is given up; release a follows"
      ])
  }

  @Test func aVerdictThatCannotBeWrittenEndsNothing() {
    let ports = RecordingPorts()
    ports.releaseFacts = Self.trial()
    ports.verdictFails = true
    let loop = ports.readySupervisor()
    crash(ports)
    #expect(loop.report().state == .safeMode)
    #expect(!ports.take().contains("stop gateway"))
    #expect(
      ports.entries.filter { $0.event == .safeMode }.map(\.text) == [
        "SAFE MODE: the verdict cannot be written: refused"
      ])
  }

  @Test func anotherReleaseStays() {
    let ports = RecordingPorts()
    ports.releaseFacts = Self.trial(schemaOfPrevious: 1)
    let loop = ports.readySupervisor()
    crash(ports)
    #expect(loop.report().state == .safeMode)
    #expect(ports.verdicts == [])
    #expect(
      ports.entries.filter { $0.event == .safeMode }.map(\.text) == [
        "SAFE MODE: release a reads databases up to schema 1, not 2"
      ])
  }

  @Test func tenGoodMinutesAreWrittenDownOnce() {
    let ports = RecordingPorts()
    ports.releaseFacts = Self.trial()
    ports.verdictFails = true
    let loop = ports.readySupervisor()
    ports.pass(.seconds(610))
    #expect(ports.entries.contains { $0.event == .verdictFailed })
    #expect(loop.report().release.state == .trial)
    ports.verdictFails = false
    ports.pass(.seconds(1_300))
    #expect(ports.verdicts.map(\.word) == [.good])
    #expect(loop.report().release == StatusReport.Release(id: "b", state: .good))
  }

  @Test func whatTheKernelEndedForMemoryIsTold() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.memoryKills = 1
    ports.die(.gateway)
    ports.pass(.seconds(5))
    ports.die(.gateway)
    #expect(
      ports.entries.filter { $0.event == .death }.map(\.cause) == [
        "out of memory (ended by the kernel)", "signal 9 (SIGKILL)",
      ])
  }

  // The files.

  private struct Place {
    let root: TemporaryRoot
    let files: ReleaseFiles
    let logged = RecordedLog()

    init() throws {
      root = try TemporaryRoot()
      let logged = logged
      files = ReleaseFiles(
        root: root.path, executable: "\(root.path)/releases/b/bin/riskd", schema: 2,
        log: Logger(label: "supervisor") { _ in logged.handler })
    }

    func put(_ text: String, at path: String) throws {
      let path = "\(root.path)/\(path)"
      let folder = (path as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: false, encoding: .utf8)
    }
  }

  @Test func withoutAGateNothingIsManaged() throws {
    let place = try Place()
    defer { place.root.remove() }
    #expect(
      place.files.facts() == ReleaseFacts(own: "b", gate: nil, previousSchema: nil, schema: 2))
    #expect(place.logged.texts == [])
  }

  @Test func theFilesAreRead() throws {
    let place = try Place()
    defer { place.root.remove() }
    try place.put(
      "current=b\nstate=trial\ntries=2\nactivated=1763735400\nprevious=a\n"
        + "rolled_back=0\nsafe_mode=0\nreason=\n", at: "release/state")
    #expect(place.files.facts().previousSchema == nil)
    try place.put("id=a\nschema_min=1\nschema_max=3\n", at: "releases/a/release.env")
    let facts = place.files.facts()
    #expect(facts.previousSchema == 3)
    #expect(facts.gate?.previous == "a")
    #expect(!facts.isMarkedGood)
    try place.put("current=b\n", at: "release/state")
    #expect(place.files.facts().gate == nil)
    #expect(
      place.logged.texts.last?.hasSuffix("/release/state is of no use: state is missing") == true)
    try FileManager.default.removeItem(atPath: place.root.path + "/release/state")
    try place.put("", at: "release/state/x")
    #expect(place.files.facts().gate == nil)
    #expect(place.logged.texts.last?.contains("read: ") == true)
  }

  @Test func theVerdictIsOneLineThatIsReadAgain() throws {
    let place = try Place()
    defer { place.root.remove() }
    let now = Instant(secondsSinceEpoch: 1_763_735_400)
    try place.files.write(
      ReleaseVerdict(release: "b", word: .good, reason: "all\nwell"), at: now)
    let path = place.root.path + "/data/release.verdict"
    #expect(
      try String(contentsOfFile: path, encoding: .utf8)
        == "release=b verdict=good time=2025-11-21T14:30:00.000Z reason=all well\n")
    #expect(place.files.facts().isMarkedGood)
    try place.files.write(ReleaseVerdict(release: "b", word: .bad, reason: "x"), at: now)
    #expect(!place.files.facts().isMarkedGood)
    try FileManager.default.removeItem(atPath: place.root.path + "/data")
    #expect(throws: SupervisorError.self) {
      try place.files.write(ReleaseVerdict(release: "b", word: .good, reason: ""), at: now)
    }
  }
}

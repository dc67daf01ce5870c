import AuditLog
import ControlPlane
import Foundation
import ProcessControl
import RiskModel
import RiskTestKit
import Testing

@testable import Workers

/// Three attempts, and a wait that grows over all runs.
@Suite struct AdministratorGateTests {
  private let root: WorkerRoot

  init() throws {
    root = try WorkerRoot()
  }

  private struct FixedClock: Clock {
    var at: Instant
    func now() -> Instant { at }
    func monotonicNow() -> MonotonicInstant { MonotonicInstant(nanos: 0) }
  }

  private final class Typing: @unchecked Sendable {
    var words: [String]
    init(_ words: [String]) { self.words = words }
  }

  /// Types these words one after the other; what is left was not asked for.
  private func open(
    _ words: [String], after seconds: Int64 = 0, isRoot: Bool = true
  ) -> (complaint: String?, left: [String]) {
    let typing = Typing(words)
    let terminal = LockoutAuthority.Terminal(
      ask: { _ in nil },
      askHidden: { _ in typing.words.isEmpty ? nil : typing.words.removeFirst() })
    let gate = AdministratorGate(
      root: root.path, terminal: terminal, isRoot: isRoot,
      clock: FixedClock(at: Sample.morning + .seconds(seconds)))
    return (gate.refusal(purpose: "look")?.complaint, typing.words)
  }

  private func attempts() throws -> String {
    try String(contentsOfFile: PasswordAttempts.path(below: root.path), encoding: .utf8)
  }

  @Test func `the third attempt may be right, and then nothing is remembered`() throws {
    let (complaint, left) = open(["wrong-one", "wrong-two", "demo-admin", "unasked"])
    #expect(complaint == nil)
    #expect(left == ["unasked"])
    #expect(try attempts().isEmpty)
    let mode = try FileManager.default.attributesOfItem(
      atPath: PasswordAttempts.path(below: root.path))[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func `three wrong ones end the run, and the wait outlives it`() throws {
    let first = open(["wrong-one", "wrong-two", "wrong-three", "demo-admin"])
    #expect(first.complaint == "riskctl: that is not the administrator's password\n")
    #expect(first.left == ["demo-admin"])
    #expect(try attempts() == "3 \(Sample.morning.nanosSinceEpoch)\n")
    let early = open(["demo-admin"], after: 29)
    #expect(early.complaint == "riskctl: 3 wrong passwords; the next may be typed in 1 s\n")
    #expect(early.left == ["demo-admin"], "it is not even asked")
    #expect(open(["demo-admin"], after: -600).complaint?.hasSuffix("in 30 s\n") == true)
    #expect(open(["wrong-one", "wrong-two", "wrong-three"], after: 30).complaint != nil)
    #expect(open(["demo-admin"], after: 30 + 59).complaint?.hasSuffix("in 1 s\n") == true)
    #expect(open(["demo-admin"], after: 30 + 60).complaint == nil)
    #expect(open(["wrong-one", "demo-admin"], after: 91).complaint == nil)
  }

  @Test func `the wait doubles up to an hour`() throws {
    for (failures, seconds) in [
      (2, 0), (3, 30), (5, 0), (6, 60), (9, 120), (21, 1_920), (24, 3_600), (3_000, 3_600),
    ] {
      try root.write("data/admin_attempts", "\(failures) \(Sample.morning.nanosSinceEpoch)\n")
      let attempts = try PasswordAttempts(root: root.path)
      #expect(attempts.wait(at: Sample.morning) == .seconds(Int64(seconds)), "\(failures)")
    }
  }

  @Test func `wrong passwords stand in the audit log`() throws {
    _ = open(["wrong-one", "demo-admin"])
    let text = try root.text("data/audit.log")
    #expect(text.contains("admin.password.wrong"))
    #expect(!text.contains("wrong-one"))
    let log = AuditLog(path: root.folder.file("data/audit.log"))
    #expect(try AuditVerification(log, known: nil).isIntact)
  }

  @Test func `only root is asked at all`() {
    let (complaint, left) = open(["demo-admin"], isRoot: false)
    #expect(complaint == "riskctl: only root may look\n")
    #expect(left == ["demo-admin"])
  }

  @Test func `two terminals have no more attempts than one`() throws {
    let other = try PasswordAttempts(root: root.path)
    #expect(open(["demo-admin"]).complaint?.contains("at another terminal") == true)
    #expect(other.failures == 0)
    withExtendedLifetime(other) {}
  }

  @Test func `a file that says nothing, or is not ours, opens no door`() throws {
    for text in ["0 0\n", "3\n", "three 1\n", "-3 1\n"] {
      try root.write("data/admin_attempts", text)
      #expect(open(["demo-admin"]).complaint?.contains("cannot be read") == true, "\(text)")
    }
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o666], ofItemAtPath: PasswordAttempts.path(below: root.path))
    #expect(open(["demo-admin"]).complaint?.contains("is no file of root") == true)
    try FileManager.default.removeItem(atPath: PasswordAttempts.path(below: root.path))
    try FileManager.default.createSymbolicLink(
      atPath: PasswordAttempts.path(below: root.path), withDestinationPath: "/dev/null")
    #expect(open(["demo-admin"]).complaint?.contains("open ") == true)
  }
}

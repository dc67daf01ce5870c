import RiskModel
@testable import Supervision
import Testing

@Suite struct GateStateTests {
  private static let text = """
    # written by the gate
    current=2025.11.22-2
    state=trial
    tries=2
    activated=1763735400
    previous=2025.11.21-1
    rolled_back=0
    safe_mode=0
    reason=
    later=unknown=keys
    """

  private static func text(_ key: String, _ value: String?) -> String {
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix(key + "=") }
    return (lines + (value.map { ["\(key)=\($0)"] } ?? [])).joined(separator: "\n")
  }

  @Test func theWholeFile() throws {
    #expect(
      try GateState(parsing: Self.text)
        == GateState(
          current: "2025.11.22-2", standing: .trial, triesLeft: 2,
          activated: Instant(secondsSinceEpoch: 1_763_735_400), previous: "2025.11.21-1"))
    let other = try GateState(
      parsing: """
        current=a
        state=bad
        tries=0
        activated=0
        previous=
        rolled_back=1
        safe_mode=1
        reason=all \u{1B}failed
        """)
    #expect(
      other
        == GateState(
          current: "a", standing: .bad, activated: Instant(secondsSinceEpoch: 0),
          isRolledBack: true, isSafeMode: true, reason: "all  failed"))
  }

  @Test(
    arguments: [
      ("current", nil, "current is missing"), ("current", "../x", "current cannot be '../x'"),
      ("current", "", "current cannot be ''"), ("state", "fine", "state cannot be 'fine'"),
      ("tries", "-1", "tries cannot be '-1'"), ("activated", "x", "activated cannot be 'x'"),
      ("activated", "9223372036854775807", "activated cannot be '9223372036854775807'"),
      ("previous", "a/b", "previous cannot be 'a/b'"),
      ("rolled_back", "yes", "rolled_back cannot be 'yes'"),
      ("safe_mode", nil, "safe_mode is missing"),
    ] as [(String, String?, String)])
  func whatIsOfNoUse(key: String, value: String?, problem: String) {
    do throws(GateStateError) {
      _ = try GateState(parsing: Self.text(key, value))
      Issue.record("\(key)=\(value ?? "none") was taken")
    } catch {
      #expect("\(error)" == problem)
    }
  }

  @Test(
    arguments: [
      ("/opt/risk-manager/releases/1.2.3+7/bin/riskd", "1.2.3+7"),
      ("/opt/releases/a/releases/b/riskd", "b"), ("/opt/releases/riskd", nil),
      ("/usr/bin/riskd", nil), ("/opt/releases/.hidden/riskd", nil), ("", nil),
      (
        "/opt/releases/\(String(repeating: "a", count: 64))/bin/riskd",
        String(repeating: "a", count: 64)
      ),
      ("/opt/releases/\(String(repeating: "a", count: 65))/bin/riskd", nil),
    ] as [(String, String?)])
  func theReleaseOfAProgram(path: String, name: String?) {
    #expect(ReleaseName.containing(executable: path) == name)
  }
}

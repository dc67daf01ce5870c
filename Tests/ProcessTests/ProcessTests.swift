import Glibc
import Testing

/// riskd as it runs in earnest: its own processes, pipes, sockets and database, against the
/// simulated venue. One system at a time.
@Suite(
  .serialized,
  .enabled(
    if: RiskdProgram.isBuilt || RiskdProgram.isRequired,
    "there is no riskd beside the tests; build it with: swift build --product riskd"))
struct ProcessTests {
  /// Whether this user may mount file systems and open the pipes of others; a test that needs it
  /// fails where nobody looks at what was left out.
  static var mayMount: Bool { geteuid() == 0 || RiskdProgram.isRequired }
}

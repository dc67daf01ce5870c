import Glibc
import RiskModel
import Testing

@testable import TradingDayDemo

/// The demonstration with something in riskd's place, or with something missing.
@Suite(.serialized) struct DemonstrationTests {
  private func options(_ riskd: String) -> DemoOptions {
    var options = DemoOptions(riskd: riskd)
    options.configuration = SourceFolder.path("config/demo")
    options.scenario = SourceFolder.path("config/scenarios/trading-day.json")
    options.handlesSignals = false
    return options
  }

  @Test func `a riskd that is not there is told`() {
    let transcript = Transcript()
    let outcome = Demonstration.give(options("/nowhere/riskd"), write: transcript.write)
    #expect(outcome == .environment)
    #expect(
      transcript.text
        == "risksim demo: cannot read /nowhere/riskd: there is no riskd; build it, or name one"
        + " with --riskd\n")
  }

  @Test func `a riskd that cannot be executed is told, and nothing stays`() throws {
    let standIn = try StandIn("")
    let file = try #require(fopen(standIn.path, "w"))
    fputs("#!/nowhere/sh\n", file)
    fclose(file)
    let transcript = Transcript()
    let outcome = Demonstration.give(options(standIn.path), write: transcript.write)
    #expect(outcome == .environment)
    #expect(transcript.text.contains("riskd cannot be started"))
  }

  @Test func `a day that is not there is told`() throws {
    let standIn = try StandIn("exit 0")
    var options = options(standIn.path)
    options.scenario = "/nowhere/day.json"
    let transcript = Transcript()
    #expect(Demonstration.give(options, write: transcript.write) == .environment)
    #expect(transcript.text.contains("cannot read /nowhere/day.json"))
  }

  @Test func `a riskd that gives up is told with its last words`() throws {
    let standIn = try StandIn("echo 'config/config.yaml:1: something is wrong' >&2; exit 78")
    let transcript = Transcript()
    let outcome = Demonstration.give(options(standIn.path), write: transcript.write)
    #expect(outcome == .failed)
    #expect(transcript.text.contains("riskd ended by itself: exit code 78"))
    #expect(transcript.text.contains("says: config/config.yaml:1: something is wrong"))
    #expect(!transcript.text.contains("BREACH"))
    let root = try #require(transcript.root)
    #expect(access(root, F_OK) != 0)
  }

  /// A riskd that never protects is stopped by its pid when the time is over.
  @Test func `a riskd that does nothing is stopped`() throws {
    let standIn = try StandIn(#"echo "$$ $1 $3 $RISKD_VENUE_BASE_URL" >&2; exec sleep 600"#)
    var options = options(standIn.path)
    options.timeLimit = .milliseconds(600)
    let transcript = Transcript()
    #expect(Demonstration.give(options, write: transcript.write) == .failed)
    #expect(transcript.text.contains("the day did not end within 0 s"))
    #expect(transcript.text.contains("Stopped: riskd and its workers are gone"))
    let match = try #require(transcript.text.firstMatch(of: /says: (\d+) --root/))
    let pid = try #require(Int32(match.output.1))
    #expect(kill(pid, 0) != 0)
    #expect(transcript.text.contains("http://127.0.0.1:"))
  }

  /// What a shell has exported for another riskd must not reach the one of the demonstration.
  @Test func `credentials of the shell stay out`() {
    let inherited = [
      "PATH": "/bin", "TOPSTEPX_API_KEY": "somebody's", "JOURNAL_STREAM": "8:1",
      "CONFIG_PATH": "/etc/riskd.yaml", "RISKD_VENUE_BASE_URL": "https://elsewhere",
    ]
    let environment = RiskdProcess.environment(
      of: inherited, adding: ["RISKD_VENUE_BASE_URL": "http://127.0.0.1:1"])
    #expect(environment == ["PATH": "/bin", "RISKD_VENUE_BASE_URL": "http://127.0.0.1:1"])
  }

  @Test func `nobody who reads it is a reason to stop`() throws {
    let standIn = try StandIn("exec sleep 600")
    let transcript = Transcript()
    transcript.onText = { _ in false }
    let outcome = Demonstration.give(options(standIn.path), write: transcript.write)
    #expect(outcome == .interrupted(signal: SIGPIPE))
  }

  @Test func `exit codes`() {
    #expect(DemoOutcome.proven.code == 0)
    #expect(DemoOutcome.failed.code == 1)
    #expect(DemoOutcome.environment.code == 2)
    #expect(DemoOutcome.interrupted(signal: SIGINT).code == 130)
  }
}

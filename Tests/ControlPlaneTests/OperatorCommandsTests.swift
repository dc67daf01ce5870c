import ControlPlane
import RiskModel
@testable import Supervision
import Testing

@Suite struct OperatorCommandsTests {
  /// Answers what it was given, and keeps what it was asked.
  private final class Oracle: ControlAuthority {
    var answers: [Result<ControlReply, ControlError>]
    var asked: [ControlRequest] = []
    var timeouts: [TimeSpan] = []

    init(_ answers: Result<ControlReply, ControlError>...) {
      self.answers = answers
    }

    func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply {
      asked.append(request)
      timeouts.append(timeout)
      return try answers.removeFirst().get()
    }
  }

  @Test(arguments: [
    (OverallState.running, CommandOutcome.Code.yes), (.degraded, .no), (.starting, .no),
    (.safeMode, .no), (.stopping, .no),
  ])
  func statusSaysWhetherAllIsWell(state: OverallState, code: CommandOutcome.Code) {
    let outcome = OperatorCommands(Oracle(.success(.status(sampleReport(state)))))
      .status(.text(.plain))
    #expect(outcome.code == code)
    #expect(
      outcome.output.hasPrefix("riskd 1.2.3: \(state.label) since 2025-11-21T14:30:00.000Z\n"))
    #expect(outcome.complaint == "")
  }

  @Test func statusAsJSONIsOneLineOfDocumentedKeys() {
    let outcome = OperatorCommands(Oracle(.success(.status(sampleReport())))).status(.json)
    #expect(outcome.output.hasSuffix("}\n"))
    #expect(outcome.output.split(separator: "\n").count == 1)
    let keys = ["state", "since", "time", "release", "isReady", "workers", "deathsInWindow"]
    for key in keys { #expect(outcome.output.contains("\"\(key)\":")) }
    #expect(outcome.output.contains(#""links":[{"epoch":2,"isConfirmed":true,"name":"verdict"}]"#))
  }

  @Test(arguments: [
    (ControlError.notRunning(path: "run/control.sock"), CommandOutcome.Code.environment),
    (.forbidden(path: "run/control.sock"), .environment), (.closedEarly, .environment),
    (.timedOut, .timedOut),
  ])
  func aSupervisorThatCannotBeAsked(error: ControlError, code: CommandOutcome.Code) {
    let outcome = OperatorCommands(Oracle(.failure(error))).status(.json)
    #expect(outcome == CommandOutcome(code, complaint: "riskctl: \(error)\n"))
  }

  @Test func restartWithoutWaiting() {
    let oracle = Oracle(.success(.restarted(.gateway, isReady: false)))
    let request = RestartRequest(worker: .gateway, reason: "new token")
    let outcome = OperatorCommands(oracle).restart(request)
    #expect(outcome == CommandOutcome(.yes, output: "gateway is being restarted\n"))
    #expect(oracle.asked == [.restart(request)])
    #expect(oracle.timeouts == [.seconds(5)])
  }

  @Test func restartAndWait() {
    let oracle = Oracle(.success(.restarted(.evaluator, isReady: true)))
    let request = RestartRequest(worker: .evaluator, wait: true, timeoutSeconds: 40)
    let outcome = OperatorCommands(oracle).restart(request)
    #expect(outcome == CommandOutcome(.yes, output: "evaluator is ready again\n"))
    #expect(oracle.timeouts == [.seconds(45)])
  }

  @Test func aWaitInVainShowsTheState() {
    let oracle = Oracle(
      .success(.error(ControlRefusal(.timedOut, "evaluator is not ready after 30 s"))),
      .success(.status(sampleReport(.degraded))))
    let outcome = OperatorCommands(oracle)
      .restart(RestartRequest(worker: .evaluator, wait: true))
    #expect(outcome.code == .timedOut)
    #expect(outcome.complaint == "riskctl: evaluator is not ready after 30 s\n")
    #expect(outcome.output.hasPrefix("riskd 1.2.3: DEGRADED"))
    #expect(oracle.asked.last == .status)
  }

  @Test(arguments: [
    (ControlRefusal.Code.refused, CommandOutcome.Code.refused), (.busy, .refused),
    (.malformed, .environment), (.oversized, .environment), (.failed, .environment),
  ])
  func refusals(code: ControlRefusal.Code, expected: CommandOutcome.Code) {
    let refusal = ControlRefusal(code, "riskd is stopping")
    let outcome = OperatorCommands(Oracle(.success(.error(refusal))))
      .restart(RestartRequest(worker: .gateway))
    #expect(outcome == CommandOutcome(expected, complaint: "riskctl: riskd is stopping\n"))
  }

  @Test(arguments: [0, -1, 601])
  func timeoutsHaveLimits(seconds: Int) {
    let oracle = Oracle()
    let request = RestartRequest(worker: .gateway, wait: true, timeoutSeconds: seconds)
    let outcome = OperatorCommands(oracle).restart(request)
    #expect(outcome.code == .environment)
    #expect(outcome.complaint == "riskctl: the timeout is 1 to 600 seconds\n")
    #expect(oracle.asked == [])
  }

  @Test func historyAsTextAndAsLinesOfJSON() {
    let text = OperatorCommands(Oracle(.success(.history(sampleHistory(2)))))
      .history(limit: 2, .text(.plain))
    #expect(
      text.output == """
        TIME                      EVENT  PID  WHAT
        2025-11-21T14:30:00.000Z  death  0    gateway stopped: exit 1
        2025-11-21T14:30:00.000Z  death  1    gateway stopped: exit 1

        """)
    let json = OperatorCommands(Oracle(.success(.history(sampleHistory(2)))))
      .history(limit: 2, .json)
    #expect(json.output.split(separator: "\n").count == 2)
    #expect(
      json.output.hasPrefix(
        #"{"cause":"exit 1","deathsInWindow":1,"event":"death","isCounted":true,"pid":0,"#))
    let none = OperatorCommands(Oracle(.success(.history([])))).history(limit: 2, .text(.plain))
    #expect(none.output == "no entries\n")
    let wrong = OperatorCommands(Oracle()).history(limit: 1_001, .json)
    #expect(wrong.code == .environment)
  }

  @Test func anAnswerToAnotherQuestionIsNoAnswer() {
    for outcome in [
      OperatorCommands(Oracle(.success(.history([])))).status(.json),
      OperatorCommands(Oracle(.success(.history([])))).restart(RestartRequest(worker: .gateway)),
      OperatorCommands(Oracle(.success(.status(sampleReport())))).history(limit: 1, .json),
    ] {
      #expect(outcome.code == .environment)
      #expect(outcome.complaint == "riskctl: riskd answered something else\n")
    }
  }

  @Test func theTableIsAligned() {
    #expect(
      StatusText.render(sampleReport(), style: .plain) == """
        riskd 1.2.3: running since 2025-11-21T14:30:00.000Z
        deaths: 2 in 600 s

        WORKER     STATE    PID  UPTIME  LIFE  DEATHS  LINKS                     INPUTS  \
        BACKLOG  ANSWER  LAST CAUSE
        enforcer   ready    101  1h 0m   1     0       verdict 2                 1234    \
        0        1 ms    -
        evaluator  pausing  -    -       3     2       feed 4 (open), verdict 2  -       \
        -        -       signal 11 (SIGSEGV)

        """)
  }

  @Test func whatIsMissingAndWhatBroughtSafeModeAboutAreShown() {
    var report = sampleReport(.safeMode)
    report.problem = "enforcer down for 31 s"
    report.workers[0].degraded = "no acc\u{f6}unt"
    report.workers[0].uptimeSeconds = 90_061
    report.workers[1].uptimeSeconds = 61
    report.crashLoop = StatusReport.Evidence(
      scope: "evaluator", allowedDeaths: 3, windowSeconds: 600, since: "S",
      deaths: [StatusReport.EvidenceDeath(worker: .evaluator, time: "T", cause: "exit 1")])
    let plain = StatusText.render(report, style: .plain)
    #expect(plain.contains("\nproblem: enforcer down for 31 s\n"))
    #expect(plain.contains("\nenforcer: no acc?unt\n"))
    #expect(plain.contains(" 1d 1h "))
    #expect(plain.contains(" 1m 1s "))
    #expect(
      plain.hasSuffix(
        """
        safe mode since S: more than 3 deaths of evaluator in 600 s
          T  evaluator  exit 1

        """))
    #expect(plain.allSatisfy { $0.isASCII })
    #expect(!plain.contains("\u{1B}"))
    let colored = StatusText.render(report, style: .terminal)
    #expect(colored.contains("\u{1B}[1;31mSAFE MODE\u{1B}[0m"))
    #expect(colored.contains("no acc\u{f6}unt"))
    let running = StatusText.render(sampleReport(), style: .terminal)
    #expect(running.contains("\u{1B}[32mrunning"))
    let degraded = StatusText.render(sampleReport(.degraded), style: .terminal)
    #expect(degraded.contains("\u{1B}[33mDEGRADED"))
  }
}

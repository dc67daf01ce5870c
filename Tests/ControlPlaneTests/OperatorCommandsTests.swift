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

  @Test func lockoutsInWordsAndAsJSON() {
    let text = OperatorCommands(Oracle(.success(.lockouts([sampleLockout()]))))
      .lockouts(.text(.plain))
    #expect(text.code == .yes)
    #expect(
      text.output == """
        184-0  account 1001  account  daily_realized_loss: locked
          Today's result is -530.00 realized; the daily loss limit is 500.00.
          since 2025-11-21T14:30:00.250Z, until an administrator ends it
          entered against 2 times

        """)
    let json = OperatorCommands(Oracle(.success(.lockouts([sampleLockout()])))).lockouts(.json)
    for key in ["id", "account", "rule", "code", "reason", "scope", "isHard", "since", "end"] {
      #expect(json.output.contains("\"\(key)\":"))
    }
    let none = OperatorCommands(Oracle(.success(.lockouts([])))).lockouts(.text(.plain))
    #expect(none == CommandOutcome(.yes, output: "no lockouts\n"))
  }

  @Test func anEndedLockoutMayStandAgainAtOnce() {
    let oracle = Oracle(
      .success(.lockoutEnded("184-0", standing: [])),
      .success(.lockoutEnded("184-0", standing: [sampleLockout()])),
      .success(.error(ControlRefusal(.refused, "no lockout 9-9 stands"))))
    let commands = OperatorCommands(oracle)
    #expect(
      commands.endLockout("184-0") == CommandOutcome(.yes, output: "lockout 184-0 is ended\n"))
    let again = commands.endLockout("184-0")
    #expect(again.code == .no)
    #expect(again.output.contains("the account is still locked:\n184-0  account 1001"))
    let refused = commands.endLockout("9-9")
    #expect(refused == CommandOutcome(.refused, complaint: "riskctl: no lockout 9-9 stands\n"))
    #expect(oracle.asked.first == .endLockout("184-0"))
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

  @Test(arguments: [
    (ReloadReport(isReady: true), "the configuration is accepted; no worker had to be restarted\n"),
    (
      ReloadReport(restarted: [.enforcer, .evaluator]),
      "the configuration is accepted; being restarted: enforcer, evaluator\n"
    ),
    (
      ReloadReport(
        notices: ["a: b"], restarted: [.evaluator], needsRestart: ["database.path"], isReady: true),
      """
      notice: a: b
      the configuration is accepted and in force; restarted: evaluator
      database.path counts after a restart of riskd

      """
    ),
  ])
  func reloadSaysWhatCameOfIt(report: ReloadReport, text: String) {
    let oracle = Oracle(.success(.reload(report)))
    let request = ReloadRequest(wait: true, timeoutSeconds: 30)
    #expect(OperatorCommands(oracle).reload(request) == CommandOutcome(.yes, output: text))
    #expect(oracle.asked == [.reload(request)])
    #expect(oracle.timeouts == [.seconds(35)])
  }

  @Test func reloadOfSomethingUnusableIsANo() {
    let oracle = Oracle(.success(.reload(ReloadReport(problems: ["a:1: x", "b:2: y"]))))
    #expect(
      OperatorCommands(oracle).reload(ReloadRequest())
        == CommandOutcome(
          .no,
          complaint: "a:1: x\nb:2: y\nriskctl: the configuration is not usable; nothing changed\n"))
    #expect(oracle.timeouts == [.seconds(5)])
    let none = Oracle()
    #expect(OperatorCommands(none).reload(ReloadRequest(timeoutSeconds: 0)).code == .environment)
    #expect(none.asked == [])
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

  @Test func aClockForTestsIsShownFirst() {
    var report = sampleReport()
    report.testClock = StatusReport.TestClock(
      anchor: "2026-11-22T14:30:00.000Z", offsetMilliseconds: -7, ratePerMille: 900_500)
    #expect(
      StatusText.render(report, style: .plain).contains(
        """
        running since 2025-11-21T14:30:00.000Z
        TEST CLOCK -7 ms ahead at its start, 900.500 times as fast, since 2026-11-22T14:30:00.000Z

        """))
    #expect(
      report.line.hasPrefix(
        "running: TEST CLOCK -7 ms ahead at its start, 900.500 times as fast; "))
  }

  @Test func releaseAndCanariesAreShown() {
    var report = sampleReport()
    report.release = StatusReport.Release(
      id: "2025.11.22-1", state: .trial,
      probation: StatusReport.Probation(
        healthySeconds: 299, neededSeconds: 600, canaries: 28, neededCanaries: 30))
    report.canary = StatusReport.Canary(
      isLost: false, total: 31, latencyMicroseconds: 850, ageSeconds: 4)
    report.safeModeReason = "no release works"
    let text = StatusText.render(report, style: .plain)
    #expect(
      text.hasPrefix(
        """
        riskd 1.2.3 (release 2025.11.22-1, trial): running since 2025-11-21T14:30:00.000Z
        deaths: 2 in 600 s
        canary 0.9 ms from gateway to enforcer, 31 so far, the last one 4 s ago
        on trial: well for 299 of 600 s, 28 of 30 canaries

        """))
    #expect(text.hasSuffix("\nsafe mode, asked for by the release gate: no release works\n"))
    report.canary = StatusReport.Canary(
      isLost: true, total: 0, latencyMicroseconds: nil, ageSeconds: nil)
    #expect(
      StatusText.render(report, style: .plain)
        .contains("\nno canary from gateway to enforcer, 0 so far\n"))
    let json = OperatorCommands(Oracle(.success(.status(report)))).status(.json)
    #expect(
      json.output.contains(
        #""release":{"id":"2025.11.22-1","probation":{"canaries":28,"healthySeconds":299,"#
          + #""neededCanaries":30,"neededSeconds":600},"state":"trial"}"#))
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

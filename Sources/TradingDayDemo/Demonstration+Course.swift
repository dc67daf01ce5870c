import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue
import Supervision

// From the start to the end.
extension Demonstration {
  /// How often it looks at what the venue has seen: well within the time of one request.
  private static let watchInterval = TimeSpan.milliseconds(3)
  private static let statusInterval = TimeSpan.milliseconds(100)
  private static let startLimit = TimeSpan.seconds(30)
  /// After this time riskd's enforcer has read the accounts twice, far enough apart to trust sizes.
  private static let settlingTime = TimeSpan.seconds(3)
  /// Longer than riskd gets to stop.
  private static let partingLimit = TimeSpan.seconds(17)

  func watch() {
    lookAtVenue()
    for line in timeline.take(at: reactor.clock.monotonicNow()) { say(style.text(line)) }
    if case .playing = state { proceed() }
    reactor.schedule(after: Self.watchInterval) { [weak self] in self?.watch() }
  }

  func lookForProtection() {
    guard case .starting(let since) = state else { return }
    if let report = riskd.status(), report.state == .running, report.isReady {
      let pids = report.workers.map { "\($0.name.rawValue) \($0.pid ?? 0)" }
      tell(.riskd, "protects the accounts; its workers: \(pids.joined(separator: ", "))")
      state = .settling
      if options.stays { sayCommands() }
      reactor.schedule(after: Self.settlingTime) { [weak self] in self?.beginDay() }
    } else if reactor.clock.monotonicNow() - since >= Self.startLimit {
      troubles.append(
        "riskd did not protect the accounts within \(Self.startLimit.milliseconds) ms")
      conclude()
    } else {
      reactor.schedule(after: Self.statusInterval) { [weak self] in self?.lookForProtection() }
    }
  }

  private func beginDay() {
    guard case .settling = state else { return }
    state = .playing
    begin(act: 0)
  }

  /// Tells how the day went, from what the venue shows.
  func conclude() {
    for line in timeline.takeAll() { say(style.text(line)) }
    var findings = troubles
    if case .playing = state {
      let evidence = evidence()
      findings += Verdict.findings(
        chapters: day.acts.map(\.chapter), book: narrator.book, evidence: evidence,
        kill: evaluator.kill, isEvaluatorBack: evaluator.isBack)
      say("\n" + ResultTable.text(narrator.book.incidents) + "\n" + DemoText.summary(evidence))
    }
    say(DemoText.verdict(findings))
    if !findings.isEmpty, !riskd.lastWords.isEmpty {
      say("riskd's last lines:\n" + riskd.lastWords.map { "  \($0)\n" }.joined())
    }
    let outcome = findings.isEmpty ? DemoOutcome.proven : .failed
    guard options.stays, riskd.isRunning else { return end(outcome) }
    state = .staying(outcome)
    narrator.end()
    sayCommands()
  }

  private func sayCommands() {
    say(DemoText.commands(riskd: options.riskd, root: root.path, venue: venue))
  }

  func timeIsUp() {
    switch state {
    case .starting, .settling, .playing:
      troubles.append("the day did not end within \(options.timeLimit.milliseconds / 1_000) s")
      conclude()
    case .staying, .ending:
      break
    }
  }

  func interrupted(by signal: Int32) {
    switch state {
    case .starting, .settling, .playing: end(.interrupted(signal: signal))
    case .staying(let outcome): end(outcome)
    case .ending: break
    }
  }

  func riskdIsGone() {
    switch state {
    case .ending:
      reactor.stop()
    case .staying:
      end(.failed)
    case .starting, .settling, .playing:
      troubles.append("riskd ended by itself: \(riskd.ending)")
      conclude()
    }
  }

  func end(_ outcome: DemoOutcome) {
    if case .ending = state { return }
    state = .ending(outcome)
    venue.stopTraffic()
    guard !riskd.isGone else { return reactor.stop() }
    riskd.stop()
    reactor.schedule(after: Self.partingLimit) { [weak self] in
      self?.say("risksim demo: a part of riskd has not ended in time\n")
      self?.state = .ending(.failed)
      self?.reactor.stop()
    }
  }

  func tell(_ speaker: StoryLine.Speaker, _ text: String) {
    timeline.add(StoryLine(reactor.clock.monotonicNow(), speaker, text))
  }

  func say(_ text: String) {
    if !write(text) { interrupted(by: SIGPIPE) }
  }
}

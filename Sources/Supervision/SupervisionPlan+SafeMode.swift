import RiskModel

/// Why adopted targets are enforced and the rest is retried slowly.
enum SafeModeCause: Equatable, Sendable {
  case crashLoop(CrashLoop)
  /// The release gate asks for it.
  case gate(reason: String)
}

// Safe mode, and what a crash loop means for the release.
extension SupervisionPlan {
  mutating func startSafelyIfAsked(at moment: Moment) -> [SupervisionAction] {
    guard let reason = release.safeModeReason else { return [] }
    let text = printable(reason, limit: 200)
    mode = .safe(since: moment, .gate(reason: text))
    let entry = HistoryEntry(
      at: moment, .safeMode, text: "SAFE MODE: the release gate asks for it: \(text)")
    return [.record(entry)]
  }

  mutating func enterSafeModeIfDue(at moment: Moment) -> [SupervisionAction] {
    guard mode == .normal, let loop = deaths.crashLoop(at: moment, settings: settings) else {
      return []
    }
    mode = .safe(since: moment, .crashLoop(loop))
    let entry = HistoryEntry(at: moment, .crashLoop, text: "crash loop: \(loop)")
    return [.record(entry), .crashLoop(loop)]
  }

  mutating func leaveSafeMode(at moment: Moment) -> [SupervisionAction] {
    guard case .safe(let since, _) = mode,
      moment.monotonic - since.monotonic >= settings.markGoodAfter,
      WorkerName.critical.allSatisfy({ worker in
        guard let readySince = workers[worker]?.working?.readySince else { return false }
        return moment.monotonic - readySince >= settings.markGoodAfter
      })
    else { return [] }
    mode = .normal
    for worker in WorkerName.allCases { workers[worker]?.backoff.reset() }
    let seconds = settings.markGoodAfter.milliseconds / 1_000
    let entry = HistoryEntry(
      at: moment, .safeModeEnded, text: "all workers have been ready for \(seconds) s")
    return [.record(entry)]
  }

  /// The release stays, for the reason given.
  package mutating func stayed(because reason: String, at moment: Moment) -> [SupervisionAction] {
    let entry = HistoryEntry(
      at: moment, .safeMode, text: "SAFE MODE: \(printable(reason, limit: 200))")
    return noting(moment, [.record(entry)])
  }

  /// The release was written down as bad; the gate goes back to another when riskd has stopped.
  package mutating func gaveUp(for previous: String, at moment: Moment) -> [SupervisionAction] {
    let entry = HistoryEntry(
      at: moment, .rolledBack, cause: crashLoopText,
      text: "release \(release.id ?? "?") is given up; release \(previous) follows")
    return [.record(entry)] + stop(at: moment)
  }

  /// What the gate is told of a release with this crash loop.
  package func verdict(on loop: CrashLoop) -> ReleaseVerdict {
    ReleaseVerdict(release: release.id ?? "", word: .bad, reason: printable("\(loop)", limit: 400))
  }

  private var crashLoopText: String? {
    guard case .safe(_, .crashLoop(let loop)) = mode else { return nil }
    return printable("\(loop)", limit: 400)
  }
}

// The release on trial.
extension SupervisionPlan {
  mutating func continueProbation(at moment: Moment) -> [SupervisionAction] {
    let isHealthy =
      mode == .normal && !canaries.isLost && phase == .working
      && WorkerName.critical.allSatisfy { workers[$0]?.isReady ?? false }
    guard
      probation.timePassed(
        at: moment.monotonic, isHealthy: isHealthy, canaries: canaries.total,
        needed: settings.markGoodAfter)
    else { return [] }
    let seconds = settings.markGoodAfter.milliseconds / 1_000
    let reason = "all workers ready for \(seconds) s, \(canaries.total) canaries"
    return [
      .writeVerdict(ReleaseVerdict(release: release.id ?? "", word: .good, reason: reason))
    ]
  }

  package mutating func verdictWritten(_ verdict: ReleaseVerdict, at moment: Moment)
    -> [SupervisionAction]
  {
    probation.written()
    let entry = HistoryEntry(
      at: moment, .releaseGood, text: "release \(verdict.release) is good: \(verdict.reason)")
    return noting(moment, [.record(entry)])
  }

  package mutating func verdictFailed(_ problem: String, at moment: Moment) -> [SupervisionAction] {
    probation.notWritten(at: moment.monotonic)
    let entry = HistoryEntry(
      at: moment, .verdictFailed,
      text: "the verdict on the release cannot be written: \(printable(problem, limit: 200))")
    return noting(moment, [.record(entry)])
  }

  /// For screens: what the release has shown and has to show; `nil` when it is not on trial.
  func probationReport(at moment: MonotonicInstant) -> StatusReport.Probation? {
    guard probation.isOnTrial else { return nil }
    let health = probation.health(at: moment, canaries: canaries.total)
    return StatusReport.Probation(
      healthySeconds: health.since.milliseconds / 1_000,
      neededSeconds: settings.markGoodAfter.milliseconds / 1_000,
      canaries: health.canaries,
      neededCanaries: Probation.canariesNeeded(in: settings.markGoodAfter))
  }
}

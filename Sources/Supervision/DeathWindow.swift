package import RiskModel

/// One counted death of a worker.
package struct Death: Equatable, Sendable, Codable {
  package var worker: WorkerName
  package var cause: CauseOfDeath
  package var at: BootInstant
  package var civil: Instant

  package init(worker: WorkerName, cause: CauseOfDeath, at: BootInstant, civil: Instant) {
    self.worker = worker
    self.cause = cause
    self.at = at
    self.civil = civil
  }
}

/// The counted deaths of the last minutes.
///
/// The window slides: it looks back from the latest death, so three deaths before and three after
/// a full ten minutes are seen together. Neither a successful start nor the end of the supervisor
/// clears it; only time does.
package struct DeathWindow: Equatable, Sendable, Codable {
  /// Deaths that are kept at most. With the shipped pauses far fewer fit into a window.
  package static let capacity = 256

  /// The boot of the machine to which the instants belong; empty when it is not known.
  package private(set) var boot: String
  /// In the order in which they happened.
  package private(set) var deaths: [Death]

  package init(boot: String, deaths: [Death] = []) {
    self.boot = boot
    self.deaths = deaths
  }

  /// The window as it stands after the supervisor was started again.
  ///
  /// The deaths of another boot are moved to the clock of this one by their civil time; those that
  /// seem to lie in the future, because somebody has set the clock, count as just now.
  package func resumed(boot: String, at moment: Moment, window: TimeSpan) -> DeathWindow {
    var resumed = self
    if boot != self.boot || boot.isEmpty {
      resumed.boot = boot
      resumed.deaths = deaths.map { death in
        var moved = death
        moved.at = moment.boot - max(.zero, moment.civil - death.civil)
        return moved
      }
    }
    resumed.forget(before: moment.boot - window)
    return resumed
  }

  mutating func add(_ death: Death, window: TimeSpan) {
    forget(before: death.at - window)
    if deaths.count == Self.capacity { deaths.removeFirst() }
    deaths.append(death)
  }

  package func count(of worker: WorkerName, at now: BootInstant, window: TimeSpan) -> Int {
    deaths.count { $0.worker == worker && $0.at >= now - window }
  }

  /// The crash loop that the latest death completes, if it does.
  func crashLoop(at moment: Moment, settings: SupervisionSettings) -> CrashLoop? {
    let recent = deaths.filter { $0.at >= moment.boot - settings.crashWindow }
    guard let last = recent.last else { return nil }
    let own = recent.filter { $0.worker == last.worker }
    if own.count > settings.crashDeaths {
      return CrashLoop(
        scope: .worker(last.worker), limit: settings.crashDeaths, window: settings.crashWindow,
        deaths: own, at: moment.civil)
    }
    if recent.count > settings.crashDeathsAll {
      return CrashLoop(
        scope: .together, limit: settings.crashDeathsAll, window: settings.crashWindow,
        deaths: recent, at: moment.civil)
    }
    return nil
  }

  private mutating func forget(before oldest: BootInstant) {
    deaths.removeAll { $0.at < oldest }
  }
}

/// More deaths within the window than allowed, with the deaths as evidence.
package struct CrashLoop: Equatable, Sendable {
  package enum Scope: Equatable, Sendable {
    case worker(WorkerName)
    /// All workers together.
    case together
  }

  package var scope: Scope
  package var limit: Int
  package var window: TimeSpan
  package var deaths: [Death]
  package var at: Instant
}

extension CrashLoop: CustomStringConvertible {
  package var description: String {
    let subject =
      switch scope {
      case .worker(let worker): worker.rawValue
      case .together: "all workers together"
      }
    let causes = deaths.suffix(8).map { "\($0.worker.rawValue) \($0.cause)" }
    return "\(deaths.count) deaths of \(subject) in \(window.milliseconds / 1_000) s"
      + " (allowed: \(limit)): " + causes.joined(separator: ", ")
  }
}

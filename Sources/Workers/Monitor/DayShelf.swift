import Logging
import MetricsStore
import RiskModel
import TraderFeed

/// The course of the day in data/metrics.db, so that the screens of a new monitor go on where the
/// former one was. A database that cannot be used is tried again with the next figures.
final class DayShelf {
  /// What is older belongs to no day that is under way.
  private static let longestDay = TimeSpan.seconds(2 * 86_400)

  private let path: String
  private let logger: Logger
  private var store: MetricsStore?
  private var isFailing = false
  private var kept: [AccountID: DayCourse] = [:]

  init(path: String, logger: Logger) {
    self.path = path
    self.logger = logger
  }

  /// What the former monitor had; nothing where that cannot be read.
  func days(at now: Instant) -> [DayCourse] {
    var days: [AccountID: DayCourse] = [:]
    _ = perform { store in
      try store.forgetResults(before: now - Self.longestDay)
      for result in try store.dayResults() {
        days[result.account, default: DayCourse(result)].take(result)
      }
    }
    kept = days
    return days.values.sorted { $0.account < $1.account }
  }

  /// Writes what is new since the last time.
  func keep(_ days: [DayCourse]) {
    let changed = days.filter { $0 != kept[$0.account] }
    guard !changed.isEmpty else { return }
    let results = changed.flatMap { $0.results(since: kept[$0.account]) }
    guard perform({ try $0.keep(results) }) else { return }
    for day in changed { kept[day.account] = day }
  }

  func close() { store?.close() }

  private func perform(_ body: (MetricsStore) throws -> Void) -> Bool {
    do {
      let store = try store ?? MetricsStore(path: path)
      self.store = store
      try body(store)
      if isFailing { logger.notice("The course of the day is kept again") }
      isFailing = false
      return true
    } catch {
      store?.close()
      store = nil
      if !isFailing {
        logger.error("The course of the day is not kept", metadata: ["problem": "\(error)"])
      }
      isFailing = true
      return false
    }
  }
}

extension DayCourse {
  fileprivate init(_ result: StoredResult) {
    self.init(account: result.account, tradingDate: result.date, course: [])
  }

  fileprivate mutating func take(_ result: StoredResult) {
    let point = ResultPoint(at: result.at, result: result.result)
    switch result.kind {
    case .course: course.append(point)
    case .worst: worstOpen = point
    case .best: bestOpen = point
    }
  }

  /// What another course of the same day does not have yet.
  fileprivate func results(since old: DayCourse?) -> [StoredResult] {
    let old = old?.tradingDate == tradingDate ? old : nil
    let known = Set((old?.course ?? []).map(\.at))
    var results = course.filter { !known.contains($0.at) }.map {
      stored($0, .course, slot: FeedBoard.stretch($0.at))
    }
    if let worstOpen, worstOpen != old?.worstOpen { results.append(stored(worstOpen, .worst)) }
    if let bestOpen, bestOpen != old?.bestOpen { results.append(stored(bestOpen, .best)) }
    return results
  }

  private func stored(
    _ point: ResultPoint, _ kind: StoredResult.Kind, slot: Int64 = 0
  ) -> StoredResult {
    StoredResult(
      account: account, date: tradingDate, kind: kind, slot: slot, at: point.at,
      result: point.result)
  }
}

package import RiskModel

/// What the screens show of one account's trading day and no evaluator tells again: how the result
/// went. Kept beside the monitor, it outlives one.
package struct DayCourse: Equatable, Sendable {
  package var account: AccountID
  package var tradingDate: CivilDate
  /// Oldest first.
  package var course: [ResultPoint]
  package var worstOpen: ResultPoint?
  package var bestOpen: ResultPoint?

  package init(
    account: AccountID, tradingDate: CivilDate, course: [ResultPoint],
    worstOpen: ResultPoint? = nil, bestOpen: ResultPoint? = nil
  ) {
    self.account = account
    self.tradingDate = tradingDate
    self.course = course
    self.worstOpen = worstOpen
    self.bestOpen = bestOpen
  }

  init(_ report: AccountReport) {
    self.init(
      account: report.id, tradingDate: report.tradingDate, course: report.course,
      worstOpen: report.worstOpen, bestOpen: report.bestOpen)
  }

  /// What is part of the same day and not of a time to come: a clock may have been set back.
  func known(on date: CivilDate, at now: Instant) -> DayCourse? {
    guard tradingDate == date else { return nil }
    func past(_ point: ResultPoint?) -> ResultPoint? { point.flatMap { $0.at <= now ? $0 : nil } }
    return DayCourse(
      account: account, tradingDate: date, course: course.filter { $0.at <= now },
      worstOpen: past(worstOpen), bestOpen: past(bestOpen))
  }
}

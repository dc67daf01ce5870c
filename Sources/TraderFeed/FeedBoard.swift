package import RiskModel

/// Where the monitor collects what the workers publish, and what becomes of it over the day.
///
/// The evaluator tells how things are; the board remembers how they were: the course of the day, the
/// extremes of the open result, and the events that an evaluator before this one had told.
package struct FeedBoard: Equatable, Sendable {
  /// One point of the course stands for this long.
  package static let pointSpan = TimeSpan.seconds(300)
  /// More points than a day of 25 hours has.
  static let courseLimit = 300
  package static let eventLimit = 20
  package static let endedLimit = 5
  package static let tradeLimit = 10

  private var accounts: [AccountID: AccountReport] = [:]
  package private(set) var reportedAt: Instant?
  private var stream = StreamReport()
  /// Of accounts that were not reported yet.
  private var earlier: [AccountID: DayCourse]

  /// - Parameter earlier: What a board before this one had of the day.
  package init(earlier: [DayCourse] = []) {
    self.earlier = Dictionary(
      earlier.map { ($0.account, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// What is worth keeping for a board after this one, in the order of the accounts.
  package var days: [DayCourse] {
    accounts.values.sorted { $0.id < $1.id }.map { DayCourse($0) }
  }

  package mutating func take(_ report: EvaluatorReport) {
    reportedAt = report.at
    stream = report.stream
    let known = Set(report.accounts.map(\.id))
    accounts = accounts.filter { known.contains($0.key) }
    for account in report.accounts {
      accounts[account.id] = continued(account, after: accounts[account.id])
      earlier[account.id] = nil
    }
  }

  /// The picture at a moment. What came from the venue is what the evaluator told last; accounts of
  /// which no rule keeps hours get those of the exchange.
  package func feed(
    at now: Instant, zone: TimeZoneRule, service: ServiceReport, clock: ClockReport,
    exchange: SessionPlan? = nil
  ) -> TraderFeed {
    var service = service
    service.stream = stream
    var hours = exchange.map { SessionReport($0, at: now) }
    hours?.isOfExchange = true
    let reports = accounts.values.sorted { $0.id < $1.id }.map { report in
      var report = report
      report.session = report.session ?? hours
      return report
    }
    return TraderFeed(at: now, zone: zone, service: service, accounts: reports, clock: clock)
  }

  private func continued(_ new: AccountReport, after old: AccountReport?) -> AccountReport {
    var account = new
    if let old {
      account.events = newest(new.events + old.events, FeedBoard.eventLimit, \.at)
      account.trades = newest(
        new.trades + old.trades.filter { trade in !new.trades.contains { $0.id == trade.id } },
        FeedBoard.tradeLimit, \.at)
      account.endedLockouts = ended(new, old)
    }
    let day =
      old.map { $0.tradingDate == new.tradingDate ? DayCourse($0) : nil }
      ?? earlier[new.id]?.known(on: new.tradingDate, at: new.at)
    account.course = course(day?.course ?? [], with: new)
    account.worstOpen = extreme(day?.worstOpen, opened(new), <)
    account.bestOpen = extreme(day?.bestOpen, opened(new), >)
    return account
  }

  private func ended(_ new: AccountReport, _ old: AccountReport) -> [LockoutReport] {
    let known = new.endedLockouts
    let earlier = old.endedLockouts.filter { lockout in !known.contains { $0.id == lockout.id } }
    return newest(known + earlier, FeedBoard.endedLimit) { $0.endedAt ?? $0.since }
  }

  /// The latest figure of each stretch of time stands for it.
  private func course(_ points: [ResultPoint], with new: AccountReport) -> [ResultPoint] {
    let point = ResultPoint(at: new.at, result: new.total)
    guard let last = points.last, Self.stretch(last.at) == Self.stretch(new.at) else {
      return Array((points + [point]).suffix(FeedBoard.courseLimit))
    }
    // A gap of a moment does not hide a figure that is known.
    guard point.result != nil || last.result == nil else { return points }
    return points.dropLast() + [point]
  }

  /// Which stretch of time an instant is in, since 1970.
  package static func stretch(_ instant: Instant) -> Int64 {
    instant.nanosSinceEpoch / FeedBoard.pointSpan.nanos
  }

  private func opened(_ account: AccountReport) -> ResultPoint? {
    account.open.map { ResultPoint(at: account.at, result: $0) }
  }

  private func extreme(
    _ old: ResultPoint?, _ new: ResultPoint?, _ isBeyond: (Money, Money) -> Bool
  ) -> ResultPoint? {
    guard let new, let value = new.result else { return old }
    guard let known = old?.result else { return new }
    return isBeyond(value, known) ? new : old
  }

  private func newest<Item: Equatable>(
    _ items: [Item], _ limit: Int, _ at: (Item) -> Instant
  ) -> [Item] {
    var unique: [Item] = []
    for item in items where !unique.contains(item) { unique.append(item) }
    // Of one moment the later told comes first.
    let order = unique.enumerated().sorted { first, second in
      at(first.element) != at(second.element)
        ? at(first.element) > at(second.element) : first.offset < second.offset
    }
    return Array(order.prefix(limit).map(\.element))
  }
}

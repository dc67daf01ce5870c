package import RiskModel

/// Open, high, low and close of a span of time.
package struct PriceBar: Equatable, Sendable {
  /// When its span begins.
  package var openedAt: Instant
  package var open: Price
  package var high: Price
  package var low: Price
  package var close: Price
  package var volume: Int64

  mutating func add(_ later: PriceBar) {
    high = max(high, later.high)
    low = min(low, later.low)
    close = later.close
    volume += later.volume
  }
}

/// The span of one bar.
package struct BarSpan: Equatable, Sendable {
  package enum Unit: Int, Sendable, CaseIterable {
    case second = 1
    case minute = 2
    case hour = 3
    case day = 4
    case week = 5
    case month = 6
  }

  package var unit: Unit
  package var count: Int64

  /// When the span that holds a moment begins, in UTC. Weeks begin on Monday.
  func start(of instant: Instant) -> Instant {
    let second = instant.nanosSinceEpoch.flooredQuotient(Instant.nanosPerSecond)
    switch unit {
    case .second: return start(second, of: 1, origin: 0)
    case .minute: return start(second, of: 60, origin: 0)
    case .hour: return start(second, of: 3_600, origin: 0)
    case .day: return start(second, of: 86_400, origin: 0)
    // The epoch was a Thursday.
    case .week: return start(second, of: 7 * 86_400, origin: -3 * 86_400)
    case .month:
      let day = CivilDate(daysSinceEpoch: Int(second.flooredQuotient(86_400)))
      let months = Int64(day.year * 12 + day.month - 1).flooredQuotient(count) * count
      let first = CivilDate(year: Int(months / 12), month: Int(months % 12) + 1, day: 1)
      return Instant(secondsSinceEpoch: Int64(first.daysSinceEpoch) * 86_400)
    }
  }

  private func start(_ second: Int64, of length: Int64, origin: Int64) -> Instant {
    let span = length * count
    return Instant(
      secondsSinceEpoch: (second - origin).flooredQuotient(span) * span + origin)
  }
}

/// The prices at which a contract traded since the venue started, second by second.
package struct PriceHistory: Equatable, Sendable {
  /// Seconds with trades that are remembered; the oldest go first.
  static let limit = 200_000

  private var seconds: [PriceBar] = []

  mutating func add(_ price: Price, volume: Int64, at instant: Instant) {
    let bar = PriceBar(
      openedAt: BarSpan(unit: .second, count: 1).start(of: instant), open: price, high: price,
      low: price, close: price, volume: volume)
    if let last = seconds.last, last.openedAt >= bar.openedAt {
      seconds[seconds.count - 1].add(bar)
    } else {
      seconds.append(bar)
    }
    if seconds.count > PriceHistory.limit + PriceHistory.limit / 4 {
      seconds.removeFirst(seconds.count - PriceHistory.limit)
    }
  }

  /// The bars that begin in the interval, oldest first. Spans without a trade have none.
  func bars(of span: BarSpan, from start: Instant, through end: Instant) -> [PriceBar] {
    var bars: [PriceBar] = []
    for second in seconds {
      let openedAt = span.start(of: second.openedAt)
      guard openedAt >= start, openedAt <= end else { continue }
      if let last = bars.last, last.openedAt == openedAt {
        bars[bars.count - 1].add(second)
      } else {
        var bar = second
        bar.openedAt = openedAt
        bars.append(bar)
      }
    }
    return bars
  }
}

extension Int64 {
  /// The quotient rounded towards minus infinity.
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
    self / divisor - (self % divisor < 0 ? 1 : 0)
  }
}

extension SimulatedExchange {
  /// The bars of a contract that begin in the interval, oldest first; `nil` when there is no such
  /// contract.
  package func bars(
    _ contract: ContractID, of span: BarSpan, from start: Instant, through end: Instant
  ) -> [PriceBar]? {
    priceHistories[contract]?.bars(of: span, from: start, through: end)
  }
}

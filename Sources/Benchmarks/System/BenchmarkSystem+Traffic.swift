import Glibc
package import RiskModel
import SimulatedVenue

extension BenchmarkSystem {
  private static let pollInterval: UInt32 = 1_000

  /// Holds a position that breaches nothing and whose quotes come at that rate from now on.
  func holdOneLot(withQuotes perSecond: Int) throws(BenchmarkError) {
    do {
      try venue.trader.place(Self.account, Self.mes, .buy, size: 1)
    } catch {
      throw .processFailed("the simulated venue refuses an order: \(error)")
    }
    let before = venue.counters.marketEvents
    venue.startTraffic(
      TrafficPlan(account: Self.account, contract: Self.mes, quotesPerSecond: perSecond))
    guard venue.wait(until: { $0.counters.marketEvents > before }) else {
      throw .timedOut("quotes of the position that is held")
    }
  }

  package func awaitTrafficEnd(atMost limit: TimeSpan) throws(BenchmarkError) {
    guard venue.wait(atMost: limit, until: { !$0.isBusy }) else {
      venue.stopTraffic()
      throw .timedOut("the end of the simulated venue's traffic")
    }
  }

  /// Waits until the venue's last execution is in the journal.
  ///
  /// - Returns: How long that took; `nil` when it did not happen.
  package func awaitLastTrade(
    in watch: JournalWatch, atMost limit: TimeSpan
  ) throws(BenchmarkError) -> TimeSpan? {
    guard let last = venue.trades(Self.account).last?.id else { return .zero }
    let time = Stopwatch()
    while try !watch.ends(with: last) {
      guard time.elapsed < limit else { return nil }
      usleep(Self.pollInterval)
    }
    return time.elapsed
  }
}

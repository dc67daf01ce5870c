import Logging
import PeerProtocol
import RiskModel
import VenueAPI

// A market hub that is connected and says nothing.
extension GatewayRole {
  /// Looks for held contracts without quotes. Where others are heard, only the subscription of the
  /// silent one is renewed; where nothing is heard, the connection is.
  func lookForSilence() {
    let now = self.now
    moments.set(.silence, at: now + settings.silence.interval)
    let held = desks.values.reduce(into: Set<ContractID>()) { $0.formUnion($1.book.positions.keys) }
    let wallTime = ports.clock.now()
    silence.market(
      of: held, isOpen: { settings.marketHours.isOpen(at: wallTime, for: $0.root) }, at: now)
    guard marketHub.isDelivering, let since = marketHub.deliveringSince else { return }
    let threshold = settings.silence.threshold
    silence.expect(held, at: now)
    let silent = held.sorted().filter { contract in
      guard let span = silence.silence(of: contract, since: since, at: now) else { return false }
      return span > silence.patience(with: contract, threshold: threshold)
    }
    guard !silent.isEmpty else { return }
    counts.silences += 1
    for contract in silent { silence.tried(contract, at: now) }
    let names = silent.map(\.text).joined(separator: ", ")
    if silence.hasHeard(anyOf: wishes.contracts, within: threshold, at: now) {
      logger.warning("SignalR Manager: no quotes of \(names) in an open market; subscribed again")
      for contract in silent { resubscribe(contract) }
    } else {
      hubFailed(.market, reason: "no quotes of \(names) in an open market")
    }
  }

  private func resubscribe(_ contract: ContractID) {
    guard wishes.contains(contract) else { return }
    unsubscribe(contract)
    marketHub.want(.subscribeQuotes(contract))
  }
}

import GatewayRole
import PeerProtocol
import RequestWindow
import RiskModel
import Settings
import VenueAPI
import VenueREST

/// The shared token store as the gateway's role sees it.
final class GatewayTokens: GatewayTokenStore {
  private let token: SessionToken

  init(_ token: SessionToken) {
    self.token = token
  }

  func load() -> VenueToken? { token.load() }
  func save(_ token: VenueToken) { self.token.save(token) }
  func beginRefresh() -> Bool { token.tryLock() }
  func endRefresh() { token.unlock() }
}

/// The shared window of requests as the gateway's role sees it.
final class GatewayWindow: GatewayRequestWindow {
  private let window: RequestWindow

  init(_ window: RequestWindow) {
    self.window = window
  }

  func admit(isRoutine: Bool) -> TimeSpan? {
    switch window.admit(for: isRoutine ? .routine : .others) {
    case .granted: nil
    case .wait(let wait): wait
    }
  }

  func refusedByVenue() { window.refusedByVenue() }
}

extension VenueSettings {
  func hubAddresses() throws -> [Hub: VenueAddress] {
    [
      .user: try VenueAddress(userHub.endpoint.description),
      .market: try VenueAddress(marketHub.endpoint.description),
    ]
  }
}

extension ReadTiming {
  /// The waits between attempts to read: base, base times multiplier and so on up to the longest.
  static func delays(_ retries: RetrySettings) -> [TimeSpan] {
    guard retries.isEnabled else { return [retries.longestBackoff] }
    var delays = [min(retries.backoffBase, retries.longestBackoff)]
    while let last = delays.last, last < retries.longestBackoff, delays.count < 32 {
      let next = TimeSpan(nanos: last.nanos / 1_000 * retries.backoffMultiplier.thousandths)
      guard next > last else { break }
      delays.append(min(next, retries.longestBackoff))
    }
    return delays
  }
}

extension BreakerSettings {
  init(_ settings: CircuitBreakerSettings) {
    self.init()
    isEnabled = settings.isEnabled
    failureThreshold = Int(settings.failureThreshold)
    openFor = settings.openFor
    halfOpenRequests = Int(settings.halfOpenRequests)
    successThreshold = Int(settings.successThreshold)
  }
}

package import PeerProtocol
package import RiskModel
package import VenueAPI

// The gateway is one synchronous object. Everything outside comes through these protocols, and
// everything that happens outside is told by calling a method of `GatewayRole`, always on the same
// thread. A port may answer while it is being called.

/// The REST connection.
package protocol GatewayVenue: AnyObject {
  /// Sends a request once and calls back exactly once, at the latest at the deadline. `token` is
  /// there for every request that needs one.
  func send(
    _ request: VenueRequest, token: VenueToken?, deadline: MonotonicInstant,
    _ completion: @escaping (VenueAnswer) -> Void)
}

/// The two hub connections. What happens is told to the role with the generation of the
/// connection; a generation begins with `open` and ends with `close` or `GatewayRole.hubClosed`.
package protocol GatewayHubs: AnyObject {
  func open(_ hub: Hub, generation: Int64, token: VenueToken)
  /// Invokes a method with an invocation id; told as `GatewayRole.hubCompleted`.
  func invoke(_ invocation: HubInvocation, number: Int64, on hub: Hub, generation: Int64)
  /// Ends a connection on purpose; nothing is told of this generation any more.
  func close(_ hub: Hub, generation: Int64)
}

/// What came of a hub invocation.
package enum HubCompletion: Equatable, Sendable {
  case succeeded
  /// The venue's text, untrusted.
  case refused(String)
  /// No completion in time, or the connection is in doubt.
  case lost
}

/// The link to the evaluator.
package protocol GatewayFeed: AnyObject {
  var isOpen: Bool { get }
  func send(_ message: FeedMessage, _ delivery: FeedDelivery)
}

/// What may happen to a message that has to wait.
package enum FeedDelivery: Equatable, Sendable {
  /// Never dropped, in order.
  case reliable
  /// A newer one of the same contract may take its place.
  case coalescing(ContractID)
}

/// Wakes the role up.
package protocol GatewayTimers: AnyObject {
  func schedule(at instant: MonotonicInstant, _ fire: @escaping () -> Void) -> GatewayTimer
  func cancel(_ timer: GatewayTimer)
}

/// The name of a scheduled wake-up.
package struct GatewayTimer: Hashable, Sendable {
  package var number: Int64

  package init(number: Int64) {
    self.number = number
  }
}

/// The encrypted token that all processes with a venue session share.
package protocol GatewayTokenStore: AnyObject {
  /// `nil` when there is none or it cannot be read.
  func load() -> VenueToken?
  func save(_ token: VenueToken)
  /// Asks for the right to be the one process that asks the venue for a new token. False while
  /// another process has it. Whoever has it already keeps it.
  func beginRefresh() -> Bool
  /// Gives the right back; nothing happens without it.
  func endRefresh()
}

/// The window of requests that all processes with a venue session share.
package protocol GatewayRequestWindow: AnyObject {
  /// Counts a request that leaves now: `nil`. Otherwise nothing was counted, and this is the time
  /// after which to ask again. What is routine leaves a part of the gateway's share to what is not.
  func admit(isRoutine: Bool) -> TimeSpan?
  /// The venue refused a request with HTTP 429.
  func refusedByVenue()
}

/// Counts nothing, where the limits are switched off.
package final class UnlimitedRequests: GatewayRequestWindow {
  package init() {}
  package func admit(isRoutine: Bool) -> TimeSpan? { nil }
  package func refusedByVenue() {}
}

/// Where the state of the gateway and its alarms go.
package protocol GatewayReports: AnyObject {
  func statusChanged(_ status: GatewayStatus)
  func alarm(_ alarm: GatewayAlarm)
}

/// Everything outside the role.
package struct GatewayPorts {
  package var venue: any GatewayVenue
  package var hubs: any GatewayHubs
  package var feed: any GatewayFeed
  package var timers: any GatewayTimers
  package var tokens: any GatewayTokenStore
  package var reports: any GatewayReports
  package var clock: any Clock
  package var window: any GatewayRequestWindow
  package var memory: any GatewayMemory
  /// Any random number, for the jitter of reconnections.
  package var random: () -> UInt64

  package init(
    venue: any GatewayVenue, hubs: any GatewayHubs, feed: any GatewayFeed,
    timers: any GatewayTimers, tokens: any GatewayTokenStore, reports: any GatewayReports,
    clock: any Clock, window: any GatewayRequestWindow = UnlimitedRequests(),
    memory: any GatewayMemory = NoMemory(),
    random: @escaping () -> UInt64
  ) {
    self.venue = venue
    self.hubs = hubs
    self.feed = feed
    self.timers = timers
    self.tokens = tokens
    self.reports = reports
    self.clock = clock
    self.window = window
    self.memory = memory
    self.random = random
  }
}

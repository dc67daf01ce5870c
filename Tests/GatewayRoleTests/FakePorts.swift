import Logging
import PeerProtocol
import RiskModel
import Synchronization
import VenueAPI

@testable import GatewayRole

/// The REST side of the venue. Requests wait until the test lets them be answered.
final class FakeVenue: GatewayVenue {
  struct Request {
    var request: VenueRequest
    var token: VenueToken?
    var deadline: MonotonicInstant
    var completion: (VenueAnswer) -> Void
  }

  private(set) var pending: [Request] = []
  /// Every request that was ever sent.
  private(set) var sent: [VenueRequest] = []
  private(set) var tokens: [VenueToken?] = []
  private(set) var mostPending = 0
  /// The answer to a request; `nil` holds it back.
  var answer: (VenueRequest, VenueToken?) -> VenueAnswer?
  var answersWhileCalled = false

  init(answer: @escaping (VenueRequest, VenueToken?) -> VenueAnswer?) {
    self.answer = answer
  }

  func send(
    _ request: VenueRequest, token: VenueToken?, deadline: MonotonicInstant,
    _ completion: @escaping (VenueAnswer) -> Void
  ) {
    sent.append(request)
    tokens.append(token)
    if answersWhileCalled, let answer = answer(request, token) {
      completion(answer)
      return
    }
    pending.append(
      Request(request: request, token: token, deadline: deadline, completion: completion))
    mostPending = max(mostPending, pending.count)
  }

  /// Answers the first request that has an answer.
  func answerNext() -> Bool {
    for (index, waiting) in pending.enumerated() {
      guard let answer = answer(waiting.request, waiting.token) else { continue }
      pending.remove(at: index)
      waiting.completion(answer)
      return true
    }
    return false
  }

  /// Answers one waiting request by hand.
  func answer(
    _ answer: VenueAnswer, where isMeant: (VenueRequest) -> Bool
  ) -> Bool {
    guard let index = pending.firstIndex(where: { isMeant($0.request) }) else { return false }
    pending.remove(at: index).completion(answer)
    return true
  }

  func count(_ path: String) -> Int { sent.filter { $0.path == path }.count }
}

/// The hub connections.
final class FakeHubs: GatewayHubs {
  struct Connection: Equatable {
    var hub: Hub
    var generation: Int64
    var token: VenueToken
  }

  struct Invocation: Equatable {
    var hub: Hub
    var generation: Int64
    var number: Int64
    var invocation: HubInvocation
  }

  private(set) var opened: [Connection] = []
  private(set) var closed: [String] = []
  private(set) var invoked: [Invocation] = []
  private(set) var connecting: [Connection] = []
  private(set) var unanswered: [Invocation] = []
  /// Whether a connection comes up; `nil` leaves it in the making.
  var isReachable: (Hub) -> Bool? = { _ in true }
  /// The status of HTTP with which the venue refuses a connection, if it does.
  var upgradeStatus: (Connection) -> Int? = { _ in nil }
  /// What an invocation is answered with; `nil` is a lost completion.
  var completion: (HubInvocation) -> HubCompletion? = { _ in .succeeded }
  weak var role: GatewayRole?

  func open(_ hub: Hub, generation: Int64, token: VenueToken) {
    let connection = Connection(hub: hub, generation: generation, token: token)
    opened.append(connection)
    connecting.append(connection)
  }

  func invoke(_ invocation: HubInvocation, number: Int64, on hub: Hub, generation: Int64) {
    let call = Invocation(
      hub: hub, generation: generation, number: number, invocation: invocation)
    invoked.append(call)
    unanswered.append(call)
  }

  func close(_ hub: Hub, generation: Int64) {
    closed.append("\(hub.rawValue) \(generation)")
    connecting.removeAll { $0.hub == hub && $0.generation == generation }
  }

  func step() -> Bool {
    for (index, connection) in connecting.enumerated() {
      guard let isReachable = isReachable(connection.hub) else { continue }
      connecting.remove(at: index)
      if let status = upgradeStatus(connection) {
        role?.hubClosed(
          connection.hub, generation: connection.generation, reason: "HTTP \(status)",
          upgradeStatus: status)
        return true
      }
      if isReachable {
        role?.hubOpened(connection.hub, generation: connection.generation)
      } else {
        role?.hubClosed(
          connection.hub, generation: connection.generation, reason: "connection refused")
      }
      return true
    }
    for (index, call) in unanswered.enumerated() {
      guard let completion = completion(call.invocation) else { continue }
      unanswered.remove(at: index)
      role?.hubCompleted(
        call.hub, generation: call.generation, number: call.number, completion)
      return true
    }
    return false
  }

  /// The generation of the latest connection.
  func generation(_ hub: Hub) -> Int64 {
    opened.last { $0.hub == hub }?.generation ?? 0
  }
}

final class FakeFeed: GatewayFeed {
  var isOpen = false
  private(set) var messages: [FeedMessage] = []
  private(set) var deliveries: [FeedDelivery] = []

  func send(_ message: FeedMessage, _ delivery: FeedDelivery) {
    messages.append(message)
    deliveries.append(delivery)
  }

  func forget() {
    messages = []
    deliveries = []
  }
}

final class FakeTokenStore: GatewayTokenStore {
  var token: VenueToken?
  private(set) var saves = 0
  /// Whether a neighbour has the right to ask for a new token.
  var isTaken = false
  private(set) var isRefreshing = false
  private(set) var refreshes = 0

  func beginRefresh() -> Bool {
    guard !isTaken else { return false }
    if !isRefreshing { refreshes += 1 }
    isRefreshing = true
    return true
  }

  func endRefresh() { isRefreshing = false }

  func load() -> VenueToken? { token }

  func save(_ token: VenueToken) {
    self.token = token
    saves += 1
  }
}

/// A window that admits so many requests, and then one in each second.
final class FakeWindow: GatewayRequestWindow {
  var left = Int.max
  /// So many of them are not for what is routine.
  var reserve = 0
  private(set) var refusals = 0

  func admit(isRoutine: Bool) -> TimeSpan? {
    guard left > (isRoutine ? reserve : 0) else { return .seconds(1) }
    left -= 1
    return nil
  }

  func refusedByVenue() { refusals += 1 }
}

/// What a gateway leaves to the next.
final class FakeMemory: GatewayMemory {
  var memory: VenueMemory?
  private(set) var saves = 0

  func load() -> VenueMemory? { memory }

  func save(_ memory: VenueMemory) {
    self.memory = memory
    saves += 1
  }
}

final class FakeReports: GatewayReports {
  private(set) var statuses: [GatewayStatus] = []
  private(set) var alarms: [GatewayAlarm] = []

  func statusChanged(_ status: GatewayStatus) { statuses.append(status) }
  func alarm(_ alarm: GatewayAlarm) { alarms.append(alarm) }
}

/// What was logged, one line per message: `info text`.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  func append(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
  func count(_ text: String) -> Int { all.filter { $0.contains(text) }.count }
}

struct LineLogHandler: LogHandler {
  let lines: LogLines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let details = (event.metadata ?? [:]).map { " \($0.key)=\($0.value)" }.sorted().joined()
    lines.append("\(event.level) \(event.message)\(details)")
  }
}

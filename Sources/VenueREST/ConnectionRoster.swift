import RiskModel

struct ConnectionID: Hashable, Sendable {
  var number: Int
}

struct CallID: Hashable, Sendable {
  var number: Int
}

/// Which connections there are and which call each of them carries. It decides; the client does.
///
/// A call waits in its lane until a connection is free; enforcement goes before normal, and normal
/// calls never take the last connections. As long as fewer than the wanted number are open, or
/// none is idle, another one is opened in the background.
struct ConnectionRoster {
  struct Limits: Equatable, Sendable {
    /// Connections kept open in the background.
    var warm: Int
    /// Connections that may be open at once.
    var most: Int
    /// How many of these normal calls may not use.
    var reserved: Int
  }

  enum Action: Equatable {
    case open(ConnectionID)
    case start(CallID, on: ConnectionID)
    case close(ConnectionID)
    case fail(CallID, NotSentReason)
    /// Call `replenish` after this time.
    case replenish(after: TimeSpan)
  }

  private enum Use {
    /// Can transition to: idle, or is removed
    case opening
    /// Can transition to: busy, or is removed
    case idle
    /// Can transition to: idle, or is removed
    case busy(CallID, HTTPPriority)
  }

  private struct Connection {
    var id: ConnectionID
    var use: Use
    var openedAt: MonotonicInstant?
  }

  private struct Waiting {
    var call: CallID
    var priority: HTTPPriority
    var wasMoved: Bool
  }

  /// A connection that ends sooner, without a reply, counts as one that could not be had.
  private static let shortLife = TimeSpan.seconds(5)
  private static let firstHold = TimeSpan.milliseconds(250)
  private static let longestHold = TimeSpan.seconds(10)

  private(set) var limits: Limits
  /// Idle ones in the order in which they became idle.
  private var connections: [Connection] = []
  private var waiting: [Waiting] = []
  private var moved: Set<CallID> = []
  private var lastConnection = 0
  private var failures = 0
  /// No opening in the background until `replenish` is called.
  private var isHolding = false

  init(limits: Limits) {
    self.limits = limits
  }

  var isEmpty: Bool { connections.isEmpty && waiting.isEmpty }

  mutating func warmUp(_ count: Int) -> [Action] {
    limits.warm = min(count, limits.most)
    return dispatch()
  }

  mutating func submit(_ call: CallID, _ priority: HTTPPriority) -> [Action] {
    enqueue(Waiting(call: call, priority: priority, wasMoved: false))
    return dispatch()
  }

  mutating func opened(_ id: ConnectionID, at now: MonotonicInstant) -> [Action] {
    guard var connection = remove(id) else { return [] }
    connection.use = .idle
    connection.openedAt = now
    connections.append(connection)
    return dispatch()
  }

  /// A connection could not be had. Calls that nothing else can carry fail with it.
  mutating func openFailed(_ id: ConnectionID, _ problem: String) -> [Action] {
    guard remove(id) != nil else { return [] }
    var actions = hold()
    if connections.isEmpty {
      actions += waiting.map { .fail($0.call, .connectFailed(problem)) }
      waiting.forEach { moved.remove($0.call) }
      waiting = []
    }
    return actions + dispatch()
  }

  /// The reply to the call of a connection is complete.
  mutating func finished(_ id: ConnectionID, isReusable: Bool) -> [Action] {
    guard var connection = remove(id) else { return [] }
    failures = 0
    forgetCall(of: connection)
    guard isReusable else { return [.close(id)] + dispatch() }
    connection.use = .idle
    connections.append(connection)
    return dispatch()
  }

  /// The connection is gone, whatever it was doing.
  mutating func closed(_ id: ConnectionID, at now: MonotonicInstant) -> [Action] {
    guard let connection = remove(id) else { return [] }
    forgetCall(of: connection)
    var actions: [Action] = []
    if case .idle = connection.use, let openedAt = connection.openedAt,
      now < openedAt + ConnectionRoster.shortLife
    {
      actions = hold()
    }
    return actions + dispatch()
  }

  /// The connection turned out to be gone before a byte of its call was written.
  mutating func notStarted(_ id: ConnectionID) -> [Action] {
    guard let connection = remove(id), case .busy(let call, let priority) = connection.use else {
      return []
    }
    guard moved.insert(call).inserted else {
      moved.remove(call)
      return [.fail(call, .connectionLost)] + dispatch()
    }
    enqueue(Waiting(call: call, priority: priority, wasMoved: true))
    return dispatch()
  }

  /// Takes a call out of its lane. `false` when it is not waiting.
  mutating func withdraw(_ call: CallID) -> Bool {
    guard let index = waiting.firstIndex(where: { $0.call == call }) else { return false }
    waiting.remove(at: index)
    moved.remove(call)
    return true
  }

  /// Replaces a connection that was idle for so long that the venue may be about to end it. One at
  /// a time, and none while another is still being opened. `false`: ask again later.
  mutating func retire(_ id: ConnectionID) -> (isDecided: Bool, actions: [Action]) {
    guard let connection = connections.first(where: { $0.id == id }),
      case .idle = connection.use
    else { return (true, []) }
    guard !isHolding, openingCount == 0 else { return (false, []) }
    _ = remove(id)
    return (true, [.close(id)] + dispatch())
  }

  mutating func replenish() -> [Action] {
    isHolding = false
    return dispatch()
  }
}

extension ConnectionRoster {
  private var openingCount: Int {
    connections.count { if case .opening = $0.use { true } else { false } }
  }

  private var idleCount: Int {
    connections.count { if case .idle = $0.use { true } else { false } }
  }

  private var normalCount: Int {
    connections.count { if case .busy(_, .normal) = $0.use { true } else { false } }
  }

  private var normalLimit: Int { max(1, limits.most - limits.reserved) }

  /// Behind the calls of the same lane, before the next lane; a moved call goes first in its lane.
  private mutating func enqueue(_ entry: Waiting) {
    let index = waiting.firstIndex {
      switch (entry.priority, $0.priority) {
      case (.enforcement, .normal): true
      case (.enforcement, .enforcement), (.normal, .normal): entry.wasMoved && !$0.wasMoved
      case (.normal, .enforcement): false
      }
    }
    waiting.insert(entry, at: index ?? waiting.endIndex)
  }

  private mutating func remove(_ id: ConnectionID) -> Connection? {
    guard let index = connections.firstIndex(where: { $0.id == id }) else { return nil }
    return connections.remove(at: index)
  }

  private mutating func forgetCall(of connection: Connection) {
    if case .busy(let call, _) = connection.use { moved.remove(call) }
  }

  private mutating func hold() -> [Action] {
    failures = min(failures + 1, 16)
    guard !isHolding else { return [] }
    isHolding = true
    let delay = ConnectionRoster.firstHold * (1 << Int64(failures - 1))
    return [.replenish(after: min(delay, ConnectionRoster.longestHold))]
  }

  private mutating func dispatch() -> [Action] {
    var actions: [Action] = []
    while let entry = waiting.first, isAllowed(entry.priority),
      let index = connections.lastIndex(where: {
        if case .idle = $0.use { true } else { false }
      })
    {
      waiting.removeFirst()
      connections[index].use = .busy(entry.call, entry.priority)
      actions.append(.start(entry.call, on: connections[index].id))
    }
    return actions + openings()
  }

  private func isAllowed(_ priority: HTTPPriority) -> Bool {
    switch priority {
    case .enforcement: true
    case .normal: normalCount < normalLimit
    }
  }

  /// A call that has nothing else to hope for opens a connection even while holding: it is the
  /// probe.
  private mutating func openings() -> [Action] {
    guard !isHolding || (connections.isEmpty && !waiting.isEmpty) else { return [] }
    let urgent = waiting.count { $0.priority == .enforcement }
    let normal = min(waiting.count - urgent, max(0, normalLimit - normalCount))
    let spare = limits.warm > 0 && idleCount == 0 ? 1 : 0
    let wanted = max(
      urgent + normal + spare - openingCount, limits.warm - connections.count)
    let count = min(max(0, wanted), limits.most - connections.count)
    return (0..<max(0, count)).map { _ in
      lastConnection += 1
      let id = ConnectionID(number: lastConnection)
      connections.append(Connection(id: id, use: .opening, openedAt: nil))
      return .open(id)
    }
  }
}

import RiskModel

/// What happens to a message that cannot be sent at once.
package enum SendPriority: Hashable, Sendable {
  /// Never dropped.
  case reliable
  /// While it waits, a newer message of the same key replaces it. Each such message must be
  /// complete in itself. It never overtakes a reliable message that was accepted before it.
  case coalescing(key: String)
}

/// A message that has no sequence yet or, after a restart of the stream, no longer.
struct WaitingMessage: Equatable, Sendable {
  var body: [UInt8]
  var priority: SendPriority
  var acceptedAt: MonotonicInstant
}

/// The messages that wait to be sent for the first time, in the order of their acceptance.
struct Backlog: Sendable {
  /// `nil` is the former place of a message that a newer one replaced. The first is never `nil`.
  private var queue = NumberedQueue<WaitingMessage?>(firstNumber: 0)
  /// Where the waiting message of each key is.
  private var places: [String: Int64] = [:]
  private var newestReliable: Int64 = -1

  private(set) var reliableCount = 0
  private(set) var bytes = 0
  /// Messages that a newer one replaced, since the start.
  private(set) var replacedCount: Int64 = 0

  var coalescingCount: Int { places.count }
  var count: Int { reliableCount + coalescingCount }
  var first: WaitingMessage? { queue.first ?? nil }

  /// The reliable message that has waited longest.
  var oldestReliable: WaitingMessage? {
    guard reliableCount > 0 else { return nil }
    return queue.lazy.compactMap(\.self).first { $0.priority == .reliable }
  }

  mutating func append(_ message: WaitingMessage) {
    switch message.priority {
    case .reliable:
      newestReliable = queue.endNumber
      reliableCount += 1
      bytes += message.body.count
      queue.append(message)
    case .coalescing(let key):
      appendCoalescing(message, key: key)
    }
  }

  private mutating func appendCoalescing(_ message: WaitingMessage, key: String) {
    bytes += message.body.count
    guard let place = places[key], let replaced = queue[place] else {
      places[key] = queue.endNumber
      queue.append(message)
      return
    }
    replacedCount += 1
    bytes -= replaced.body.count
    if place > newestReliable {
      queue[place] = message
    } else {
      queue[place] = nil
      places[key] = queue.endNumber
      queue.append(message)
      dropEmptyPlaces()
    }
  }

  mutating func popFirst() -> WaitingMessage? {
    guard let popped = queue.popFirst(), let message = popped else { return nil }
    bytes -= message.body.count
    switch message.priority {
    case .reliable: reliableCount -= 1
    case .coalescing(let key): places[key] = nil
    }
    dropEmptyPlaces()
    return message
  }

  /// Forgets everything that waits.
  mutating func removeAll() -> [WaitingMessage] {
    let waiting = queue.compactMap(\.self)
    let replaced = replacedCount
    self = Backlog()
    replacedCount = replaced
    return waiting
  }

  private mutating func dropEmptyPlaces() {
    while let first = queue.first, first == nil { queue.popFirst() }
    guard queue.count > 2 * count + 64 else { return }
    for message in removeAll() { append(message) }
  }
}

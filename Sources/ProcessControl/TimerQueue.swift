import RiskModel

/// Names a timer of a `Reactor`.
package struct TimerToken: Hashable, Sendable {
  let number: UInt64
}

/// Timers in the order of their deadlines; equal deadlines in the order of their making.
///
/// A binary heap of (deadline, number). A cancelled timer leaves its entry behind, which is dropped
/// when it comes up, or when such entries are more than half of a heap worth the work.
struct TimerQueue {
  private static let smallestSweep = 64

  private struct Entry {
    var deadline: MonotonicInstant
    var number: UInt64

    static func < (lhs: Entry, rhs: Entry) -> Bool {
      (lhs.deadline, lhs.number) < (rhs.deadline, rhs.number)
    }
  }

  private struct Timer {
    var deadline: MonotonicInstant
    var action: () -> Void
  }

  private var heap: [Entry] = []
  private var timers: [UInt64: Timer] = [:]
  private var lastNumber: UInt64 = 0

  var count: Int { timers.count }

  mutating func add(_ deadline: MonotonicInstant, _ action: @escaping () -> Void) -> TimerToken {
    lastNumber += 1
    timers[lastNumber] = Timer(deadline: deadline, action: action)
    push(Entry(deadline: deadline, number: lastNumber))
    return TimerToken(number: lastNumber)
  }

  mutating func cancel(_ token: TimerToken) {
    guard timers.removeValue(forKey: token.number) != nil else { return }
    guard heap.count > Self.smallestSweep, heap.count > 2 * timers.count else { return }
    let live = heap.filter { timers[$0.number] != nil }
    heap.removeAll(keepingCapacity: true)
    for entry in live { push(entry) }
  }

  /// The earliest deadline.
  mutating func nextDeadline() -> MonotonicInstant? {
    while let first = heap.first {
      if timers[first.number] != nil { return first.deadline }
      popFirst()
    }
    return nil
  }

  /// The timers whose deadline has come, in order. Each is then either taken or put back.
  mutating func due(at now: MonotonicInstant) -> [TimerToken] {
    var tokens: [TimerToken] = []
    while let deadline = nextDeadline(), deadline <= now {
      tokens.append(TimerToken(number: heap[0].number))
      popFirst()
    }
    return tokens
  }

  /// The action of a due timer, unless it was cancelled meanwhile.
  mutating func take(_ token: TimerToken) -> (() -> Void)? {
    timers.removeValue(forKey: token.number)?.action
  }

  mutating func putBack(_ token: TimerToken) {
    guard let timer = timers[token.number] else { return }
    push(Entry(deadline: timer.deadline, number: token.number))
  }

  private mutating func push(_ entry: Entry) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func popFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

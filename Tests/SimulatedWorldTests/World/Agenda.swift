import RiskModel

/// What happens when, in one thread. What is due at the same moment happens in the order in which
/// it was put down.
final class Agenda {
  private struct Entry {
    var at: TimeSpan
    var number: Int
    var body: () -> Void

    static func < (lhs: Entry, rhs: Entry) -> Bool {
      (lhs.at, lhs.number) < (rhs.at, rhs.number)
    }
  }

  private let clock: WorldClock
  private var heap: [Entry] = []
  private var cancelled: Set<Int> = []
  private(set) var lastNumber = 0

  init(_ clock: WorldClock) {
    self.clock = clock
  }

  @discardableResult
  func after(_ span: TimeSpan, _ body: @escaping () -> Void) -> Int {
    lastNumber += 1
    heap.append(Entry(at: clock.elapsed + max(.zero, span), number: lastNumber, body: body))
    rise(from: heap.count - 1)
    return lastNumber
  }

  @discardableResult
  func at(_ moment: MonotonicInstant, _ body: @escaping () -> Void) -> Int {
    after(moment - clock.monotonicNow(), body)
  }

  func cancel(_ number: Int) { cancelled.insert(number) }

  /// Does the next thing that is due by `end`.
  ///
  /// - Returns: Whether there was one.
  func step(by end: TimeSpan) -> Bool {
    guard let first = heap.first, first.at <= end else { return false }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink(from: 0)
    if cancelled.remove(first.number) == nil {
      clock.move(to: first.at)
      first.body()
    }
    return true
  }

  private func rise(from start: Int) {
    var child = start
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private func sink(from start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child] < heap[least] { least = child }
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

/// A queue whose elements keep the number that they got when they were appended.
struct NumberedQueue<Element: Sendable>: Sendable {
  /// Slots in front of `head` are empty until enough of them are worth a compaction.
  private var slots: [Element?] = []
  private var head = 0
  /// The number of the first element, or of the next one to come.
  private(set) var firstNumber: Int64

  init(firstNumber: Int64) {
    self.firstNumber = firstNumber
  }

  var count: Int { slots.count - head }
  var isEmpty: Bool { count == 0 }
  /// The number that the next element gets.
  var endNumber: Int64 { firstNumber + Int64(count) }

  var first: Element? { isEmpty ? nil : slots[head] }

  subscript(number: Int64) -> Element {
    get {
      guard let element = slots[slot(of: number)] else {
        preconditionFailure("Invariant: element \(number) is in the queue")
      }
      return element
    }
    set { slots[slot(of: number)] = newValue }
  }

  mutating func append(_ element: Element) {
    slots.append(element)
  }

  @discardableResult
  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = slots[head]
    slots[head] = nil
    head += 1
    firstNumber += 1
    if head >= 64 && head * 2 >= slots.count {
      slots.removeFirst(head)
      head = 0
    }
    return element
  }

  private func slot(of number: Int64) -> Int {
    guard (firstNumber..<endNumber).contains(number) else {
      preconditionFailure("Invariant: \(number) is in \(firstNumber)..<\(endNumber)")
    }
    return head + Int(number - firstNumber)
  }
}

extension NumberedQueue: Sequence {
  func makeIterator() -> some IteratorProtocol<Element> {
    slots[head...].lazy.compactMap(\.self).makeIterator()
  }
}

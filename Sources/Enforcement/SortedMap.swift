/// A dictionary that is walked in the order of its keys, so that the same inputs give the same
/// actions in every process.
struct SortedMap<Key: Comparable & Sendable, Value: Sendable>: Sendable {
  private(set) var keys: [Key] = []
  private(set) var values: [Value] = []

  var count: Int { keys.count }
  var isEmpty: Bool { keys.isEmpty }

  /// The place of the first key that is not below `key`.
  private func place(of key: Key) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func found(_ key: Key, at place: Int) -> Bool {
    place < keys.count && keys[place] == key
  }

  func contains(_ key: Key) -> Bool { found(key, at: place(of: key)) }

  subscript(key: Key) -> Value? {
    get {
      let place = place(of: key)
      return found(key, at: place) ? values[place] : nil
    }
    set {
      let place = place(of: key)
      switch (found(key, at: place), newValue) {
      case (true, .some(let value)):
        values[place] = value
      case (true, .none):
        keys.remove(at: place)
        values.remove(at: place)
      case (false, .some(let value)):
        keys.insert(key, at: place)
        values.insert(value, at: place)
      case (false, .none):
        break
      }
    }
  }

  subscript(key: Key, default fallback: @autoclosure () -> Value) -> Value {
    get { self[key] ?? fallback() }
    _modify {
      let place = place(of: key)
      if !found(key, at: place) {
        keys.insert(key, at: place)
        values.insert(fallback(), at: place)
      }
      yield &values[place]
    }
  }

  /// Changes the value of a key that is there; does nothing otherwise.
  mutating func update<Result>(_ key: Key, _ change: (inout Value) -> Result) -> Result? {
    let place = place(of: key)
    guard found(key, at: place) else { return nil }
    return change(&values[place])
  }

  mutating func updateAll(_ change: (Key, inout Value) -> Void) {
    for place in values.indices { change(keys[place], &values[place]) }
  }

  mutating func removeAll(where unwanted: (Key, Value) -> Bool) {
    let kept = zip(keys, values).filter { !unwanted($0, $1) }
    keys = kept.map(\.0)
    values = kept.map(\.1)
  }
}

extension SortedMap: Sequence {
  func makeIterator() -> Zip2Sequence<[Key], [Value]>.Iterator {
    zip(keys, values).makeIterator()
  }
}

/// The latest entries that were put in, at most about `limit`; for lookups only.
struct RecentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let limit: Int
  private var order: [Key] = []
  private var oldest = 0
  private var values: [Key: Value] = [:]

  init(limit: Int) {
    self.limit = limit
  }

  subscript(key: Key) -> Value? { values[key] }

  mutating func insert(_ key: Key, _ value: Value) {
    guard values.updateValue(value, forKey: key) == nil else { return }
    if order.count < limit {
      order.append(key)
    } else {
      values[order[oldest]] = nil
      order[oldest] = key
      oldest = (oldest + 1) % limit
    }
  }

  mutating func remove(_ key: Key) {
    guard values.removeValue(forKey: key) != nil, let place = order.firstIndex(of: key) else {
      return
    }
    order = Array(order[oldest...] + order[..<oldest])
    order.remove(at: (place - oldest + order.count) % order.count)
    oldest = 0
  }
}

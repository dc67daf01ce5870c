package import RiskModel

// The packed form of consecutive marks, the payload of a journal row of kind `marks`.
//
//   offset  size  field
//   0       1     format, 1
//   1       1     e, 0 ... 9: prices are counted in units of 10^e nano-points
//   2             1 ... 64 marks, each
//                   varint  number of the contract in mark_contracts * 4 + field
//                   signed  nanoseconds since the mark before; of the first: since the row's `at`
//                   signed  price in units, less the last price of the same contract and field
//                           in this block, or less 0
//
// varint: 7 bits a byte, lowest first, the high bit says that more follow; at most 10 bytes.
// signed: zigzag (0, -1, 1, -2 ... are 0, 1, 2, 3 ...) as a varint. Differences wrap at 64 bits, so
// that any two values have one.
//
// A mark of a liquid contract takes 6 to 8 bytes; the worst possible takes 30.

/// One price of one contract.
package struct JournalMark: Hashable, Sendable {
  package var contract: ContractID
  /// Which price of a quote it is, 0 ... 3; the meaning is the journal's user's.
  package var field: UInt8
  package var price: Price
  package var at: Instant

  package init(contract: ContractID, field: UInt8, price: Price, at: Instant) {
    self.contract = contract
    self.field = field
    self.price = price
    self.at = at
  }
}

/// Up to 64 consecutive marks.
package struct MarkBlock: Equatable, Sendable {
  /// A mark whose contract is a number.
  package struct Entry: Hashable, Sendable {
    package var contractNumber: Int
    package var field: UInt8
    package var price: Price
    package var at: Instant

    package init(contractNumber: Int, field: UInt8, price: Price, at: Instant) {
      self.contractNumber = contractNumber
      self.field = field
      self.price = price
      self.at = at
    }

    fileprivate var key: UInt64 { UInt64(contractNumber) << 2 | UInt64(field) }
  }

  /// Why bytes are no block.
  package enum Fault: Error, Equatable, Sendable {
    case format(UInt8?)
    case unit(UInt8?)
    case truncated(mark: Int)
    case contract(UInt64)
    case count(Int)
  }

  package static let capacity = 64
  private static let format: UInt8 = 1
  /// 10^0 ... 10^9.
  private static let units: [Int64] = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
  ]

  package private(set) var entries: [Entry] = []

  package init() {}

  package var isFull: Bool { entries.count == MarkBlock.capacity }

  /// Appends a mark to a block that is not full.
  package mutating func append(_ entry: Entry) {
    precondition(!isFull, "Condition failed: a mark block has room for the mark")
    precondition(entry.field < 4, "Condition failed: the field \(entry.field) of a mark is 0...3")
    entries.append(entry)
  }

  /// The packed bytes, for a row with this `at`.
  package func encoded(at start: Instant) -> [UInt8] {
    let exponent = MarkBlock.exponent(ofAll: entries)
    let unit = MarkBlock.units[exponent]
    var bytes = [MarkBlock.format, UInt8(exponent)]
    bytes.reserveCapacity(2 + entries.count * 8)
    var time = start.nanosSinceEpoch
    var prices: [UInt64: Int64] = [:]
    for entry in entries {
      MarkBlock.append(entry.key, to: &bytes)
      MarkBlock.append(signed: entry.at.nanosSinceEpoch &- time, to: &bytes)
      let price = entry.price.nanos / unit
      MarkBlock.append(signed: price &- (prices[entry.key] ?? 0), to: &bytes)
      time = entry.at.nanosSinceEpoch
      prices[entry.key] = price
    }
    return bytes
  }

  /// Unpacks the bytes of a row with this `at`.
  package init(_ bytes: [UInt8], at start: Instant) throws(Fault) {
    guard bytes.first == MarkBlock.format else { throw .format(bytes.first) }
    guard bytes.count > 1, Int(bytes[1]) < MarkBlock.units.count else {
      throw .unit(bytes.dropFirst().first)
    }
    let unit = MarkBlock.units[Int(bytes[1])]
    var rest = bytes[2...]
    var time = start.nanosSinceEpoch
    var prices: [UInt64: Int64] = [:]
    while !rest.isEmpty {
      let mark = entries.count
      guard let key = MarkBlock.take(&rest), let elapsed = MarkBlock.takeSigned(&rest),
        let change = MarkBlock.takeSigned(&rest)
      else { throw .truncated(mark: mark) }
      guard let contractNumber = Int(exactly: key >> 2) else { throw .contract(key >> 2) }
      let price = (prices[key] ?? 0) &+ change
      time = time &+ elapsed
      prices[key] = price
      guard mark < MarkBlock.capacity else { throw .count(mark + 1) }
      entries.append(
        Entry(
          contractNumber: contractNumber, field: UInt8(key & 3),
          price: Price(nanos: price &* unit), at: Instant(nanosSinceEpoch: time)))
    }
    guard !entries.isEmpty else { throw .count(0) }
  }

  /// The largest e for which all prices are multiples of 10^e.
  private static func exponent(ofAll entries: [Entry]) -> Int {
    var exponent = units.count - 1
    for entry in entries {
      while entry.price.nanos % units[exponent] != 0 { exponent -= 1 }
    }
    return exponent
  }

  private static func append(signed value: Int64, to bytes: inout [UInt8]) {
    append(UInt64(bitPattern: (value << 1) ^ (value >> 63)), to: &bytes)
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  private static func takeSigned(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    take(&bytes).map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
  }

  private static func take(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for place in 0..<10 {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << (7 * place)
      if byte < 0x80 { return value }
    }
    return nil
  }
}

extension MarkBlock.Fault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .format(let found):
      "mark block of format \(found.map(String.init) ?? "none") instead of 1"
    case .unit(let found):
      "mark block with the unit 10^\(found.map(String.init) ?? "?")"
    case .truncated(let mark):
      "mark block ends inside mark \(mark)"
    case .contract(let number):
      "mark block with the contract number \(number)"
    case .count(let count):
      "mark block of \(count) marks instead of 1...\(MarkBlock.capacity)"
    }
  }
}

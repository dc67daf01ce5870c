import TraderFeed

/// A key that the screen understands.
package enum TraderKey: Equatable, Sendable {
  case tab(TraderTab)
  case nextAccount, previousAccount
  case up, down, pageUp, pageDown
  case clockIn, clockOut
  case help
  case redraw, suspend
  case quit
}

/// Keys out of the bytes of a terminal; a sequence may come in pieces.
package struct KeyReader: Equatable, Sendable {
  private var pending: [UInt8] = []
  private static let longest = 8

  package init() {}

  package mutating func read(_ bytes: some Sequence<UInt8>) -> [TraderKey] {
    pending += bytes
    var keys: [TraderKey] = []
    while let first = pending.first {
      guard first == 0x1B else {
        pending.removeFirst()
        if let key = KeyReader.key(first) { keys.append(key) }
        continue
      }
      guard let length = sequenceLength else { return keys }
      if let key = KeyReader.sequence(pending[..<length]) { keys.append(key) }
      pending.removeFirst(length)
    }
    return keys
  }

  /// Bytes of the escape sequence at the beginning; `nil` while it is not complete.
  private var sequenceLength: Int? {
    guard pending.count > 1 else { return nil }
    guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else { return 1 }
    for index in 2..<max(2, pending.count) where (0x40...0x7E).contains(pending[index]) {
      return index + 1
    }
    return pending.count >= KeyReader.longest ? pending.count : nil
  }

  private static func key(_ byte: UInt8) -> TraderKey? {
    switch byte {
    case UInt8(ascii: "1")...UInt8(ascii: "8"):
      TraderTab(rawValue: Int(byte - UInt8(ascii: "0"))).map(TraderKey.tab)
    case UInt8(ascii: "q"), UInt8(ascii: "Q"), 0x03, 0x04: .quit
    case UInt8(ascii: "i"), UInt8(ascii: "I"): .clockIn
    case UInt8(ascii: "o"), UInt8(ascii: "O"): .clockOut
    case UInt8(ascii: "j"), UInt8(ascii: "J"): .down
    case UInt8(ascii: "k"), UInt8(ascii: "K"): .up
    case UInt8(ascii: "?"): .help
    case UInt8(ascii: "\t"): .nextAccount
    case UInt8(ascii: " "): .pageDown
    case 0x0C: .redraw
    case 0x1A: .suspend
    default: nil
    }
  }

  private static func sequence(_ bytes: ArraySlice<UInt8>) -> TraderKey? {
    switch String(decoding: bytes.dropFirst(2), as: UTF8.self) {
    case "A": .up
    case "B": .down
    case "C": .nextAccount
    case "D", "Z": .previousAccount
    case "5~": .pageUp
    case "6~": .pageDown
    default: nil
    }
  }
}

extension TraderView {
  /// Turns to what a key asks for; clocking and leaving are the caller's.
  package mutating func turn(_ key: TraderKey, page: Int, limit: Int) {
    message = nil
    let accounts = max(1, feed?.accounts.count ?? 1)
    switch key {
    case .tab(let tab):
      self.tab = tab
      showsKeys = false
      scroll = 0
    case .help:
      showsKeys.toggle()
      scroll = 0
    case .nextAccount: account = (min(account, accounts - 1) + 1) % accounts
    case .previousAccount: account = (min(account, accounts - 1) + accounts - 1) % accounts
    case .up: scroll = max(0, min(scroll, limit) - 1)
    case .down: scroll = min(limit, scroll + 1)
    case .pageUp: scroll = max(0, min(scroll, limit) - page)
    case .pageDown: scroll = min(limit, scroll + page)
    case .clockIn, .clockOut, .redraw, .suspend, .quit: break
    }
  }
}

/// What has to be written so that a terminal shows other lines: only those that changed.
package struct ScreenPainter: Equatable, Sendable {
  private var shown: [String]?

  package init() {}

  /// The terminal was resized, or its contents are not known.
  package mutating func forget() { shown = nil }

  package mutating func paint(_ lines: [String]) -> String {
    var output = ""
    if shown?.count != lines.count {
      output += "\u{1B}[2J"
      shown = nil
    }
    for (row, line) in lines.enumerated() where shown?[row] != line {
      output += "\u{1B}[\(row + 1);1H\(line)\u{1B}[K"
    }
    shown = lines
    return output
  }
}

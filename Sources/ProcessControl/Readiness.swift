extension Reactor {
  /// What a watched descriptor is ready for.
  package struct Readiness: Equatable, Sendable {
    /// A read does not block: data, the end of the stream, or an error waits. Only if asked for.
    package var isReadable: Bool
    /// A write does not block: it takes something, or says that the other side is gone. Only if
    /// asked for.
    package var isWritable: Bool
    /// The other side is gone or the descriptor failed; reading or writing tells more.
    package var isBroken: Bool

    package init(isReadable: Bool, isWritable: Bool, isBroken: Bool) {
      self.isReadable = isReadable
      self.isWritable = isWritable
      self.isBroken = isBroken
    }
  }
}

/// What a watch waits for.
struct Interest: OptionSet {
  let rawValue: UInt32

  static let readable = Interest(rawValue: 1 << 0)
  static let writable = Interest(rawValue: 1 << 1)

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  init(readable: Bool, writable: Bool) {
    self = []
    if readable { insert(.readable) }
    if writable { insert(.writable) }
  }
}

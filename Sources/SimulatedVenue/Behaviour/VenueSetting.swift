import RiskModel

/// One switch of the venue by its name in documents.
struct VenueSetting: Sendable {
  typealias Path<Value> = any WritableKeyPath<VenueBehaviour, Value> & Sendable

  let name: String
  /// Reads a value; the change it gives is what the setting does.
  let read: @Sendable (DocumentNode) throws -> @Sendable (inout VenueBehaviour) -> Void
  /// The present value, as it would be written to set it.
  let value: @Sendable (VenueBehaviour) -> JSONValue

  init<Value: Sendable>(
    _ name: String, _ path: Path<Value>,
    read: @escaping @Sendable (DocumentNode) throws -> Value,
    write: @escaping @Sendable (Value) -> JSONValue
  ) {
    self.name = name
    self.read = { node in
      let value = try read(node)
      return { $0[keyPath: path] = value }
    }
    value = { write($0[keyPath: path]) }
  }

  static func flag(_ name: String, _ path: Path<Bool>) -> VenueSetting {
    VenueSetting(name, path, read: { try $0.boolean() }, write: { .bool($0) })
  }

  static func span(_ name: String, _ path: Path<TimeSpan>) -> VenueSetting {
    VenueSetting(
      name, path, read: { try $0.milliseconds() }, write: { .integer($0.milliseconds) })
  }

  /// A span, or the word or null that stands for none.
  static func optionalSpan(
    _ name: String, _ path: Path<TimeSpan?>, none: JSONValue = .null
  ) -> VenueSetting {
    VenueSetting(
      name, path, read: { $0.value == none ? nil : try $0.milliseconds() },
      write: { $0.map { .integer($0.milliseconds) } ?? none })
  }

  static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Value>
  ) -> VenueSetting {
    VenueSetting(name, path, read: { try $0.choice() }, write: { .string($0.rawValue) })
  }

  /// A code of a placement, by its number.
  static func placeCode(_ name: String, _ path: Path<PlaceCode>) -> VenueSetting {
    VenueSetting(
      name, path,
      read: { node in
        guard let code = PlaceCode(rawValue: Int(try node.integer(in: 1...10))) else {
          throw node.failure("expected a code of Order/place, found \(node.value.jsonText)")
        }
        return code
      }, write: { .integer($0.rawValue) })
  }

  static func number(
    _ name: String, _ path: Path<Int64>, in range: ClosedRange<Int64>
  ) -> VenueSetting {
    VenueSetting(name, path, read: { try $0.integer(in: range) }, write: { .integer($0) })
  }

  /// A number, or null for none.
  static func optionalNumber(
    _ name: String, _ path: Path<Int64?>, in range: ClosedRange<Int64>
  ) -> VenueSetting {
    VenueSetting(
      name, path, read: { $0.value.isNull ? nil : try $0.integer(in: range) },
      write: { .optional($0) { .integer($0) } })
  }

  static func size(
    _ name: String, _ path: Path<Int>, in range: ClosedRange<Int64>
  ) -> VenueSetting {
    VenueSetting(name, path, read: { Int(try $0.integer(in: range)) }, write: { .integer($0) })
  }

  static func digits(_ name: String, _ path: Path<Int?>) -> VenueSetting {
    VenueSetting(
      name, path, read: { $0.value.isNull ? nil : Int(try $0.integer(in: 0...9)) },
      write: { .optional($0) { .integer($0) } })
  }

  /// Dollars, or null for none.
  static func optionalMoney(_ name: String, _ path: Path<Money?>) -> VenueSetting {
    VenueSetting(
      name, path, read: { $0.value.isNull ? nil : try $0.money() },
      write: { .optional($0) { .money($0) } })
  }

  /// `{"requests", "seconds", "sliding"?, "retryAfter"?, "countsRefused"?}`, or null for none.
  static func limit(_ name: String, _ path: Path<RequestLimit?>) -> VenueSetting {
    VenueSetting(
      name, path, read: { $0.value.isNull ? nil : try $0.requestLimit() },
      write: { .optional($0) { $0.document } })
  }
}

extension DocumentNode {
  fileprivate func requestLimit() throws -> RequestLimit {
    try object { members in
      RequestLimit(
        requests: Int(try members.required("requests") { try $0.integer(in: 1...1_000_000) }),
        window: .seconds(try members.required("seconds") { try $0.integer(in: 1...86_400) }),
        isSliding: try members.optional("sliding") { try $0.boolean() } ?? false,
        tellsRetryAfter: try members.optional("retryAfter") { try $0.boolean() } ?? false,
        countsRefused: try members.optional("countsRefused") { try $0.boolean() } ?? false)
    }
  }
}

extension RequestLimit {
  fileprivate var document: JSONValue {
    .object([
      "requests": .integer(requests), "seconds": .integer(window.milliseconds / 1_000),
      "sliding": .bool(isSliding), "retryAfter": .bool(tellsRetryAfter),
      "countsRefused": .bool(countsRefused),
    ])
  }
}

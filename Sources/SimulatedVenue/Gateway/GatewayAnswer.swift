import RiskModel

/// What an operation answers before faults touch it.
struct GatewayAnswer {
  var status = 200
  var body: JSONValue
  /// The code of the envelope; `nil` when there is none.
  var errorCode: Int?

  /// Success with the payload of the operation.
  static func success(_ payload: KeyValuePairs<String, JSONValue> = [:]) -> GatewayAnswer {
    GatewayAnswer(body: .envelope(payload), errorCode: 0)
  }

  /// A refusal: HTTP 200 with `success: false` (documented).
  static func refused(
    _ code: Int, _ message: String? = nil, _ payload: KeyValuePairs<String, JSONValue> = [:]
  ) -> GatewayAnswer {
    GatewayAnswer(
      body: .envelope(payload, success: false, code: code, message: message), errorCode: code)
  }

  static func refused(
    _ refusal: Refusal<some RefusalCode>, _ payload: KeyValuePairs<String, JSONValue> = [:]
  ) -> GatewayAnswer {
    refused(refusal.code.rawValue, refusal.message, payload)
  }

  /// The answer to a body that does not fit: ASP.NET's problem details.
  static func problem(_ failure: BindingFailure) -> GatewayAnswer {
    GatewayAnswer(
      status: 400,
      body: .object([
        "type": .string("https://tools.ietf.org/html/rfc9110#section-15.5.1"),
        "title": .string("One or more validation errors occurred."), "status": .integer(400),
        "errors": .object([
          JSONMember("request", .array([.string("The request field is required.")])),
          JSONMember(failure.member, .array([.string(failure.problem)])),
        ]),
      ]))
  }

  var reply: Reply {
    guard status != 400 else {
      return Reply(
        status: 400, headers: [("Content-Type", "application/problem+json; charset=utf-8")],
        body: body.jsonBytes)
    }
    return .json(body, status: status)
  }
}

extension JSONValue {
  /// A reply's envelope around its payload.
  static func envelope(
    _ payload: KeyValuePairs<String, JSONValue>, success: Bool = true, code: Int = 0,
    message: String? = nil
  ) -> JSONValue {
    .object(
      payload.map { JSONMember($0.key, $0.value) } + [
        JSONMember("success", .bool(success)), JSONMember("errorCode", .integer(code)),
        JSONMember("errorMessage", .optional(message) { .string($0) }),
      ])
  }

  /// The same object with one member replaced, or without it for `nil`.
  func replacing(_ name: String, with value: JSONValue?) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(
      members.compactMap { member in
        guard member.name == name else { return member }
        return value.map { JSONMember(name, $0) }
      })
  }
}

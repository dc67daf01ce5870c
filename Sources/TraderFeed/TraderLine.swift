import FoundationEssentials

// The wire form of the trader socket: lines of UTF-8, each one JSON object, each ended by a newline.
//
//   riskd → trader   {"feed":{…}}          the whole picture, at once and whenever it changed
//                    {"refusal":"…"}       why a request was not carried out
//   trader → riskd   {"request":"clock_in"} or {"request":"clock_out"}; at most 256 bytes
//
// A line of riskd is at most 1 MiB. There is no other request: the socket changes nothing that a
// rule looks at.

/// What riskd says to a trader's screen.
package enum TraderMessage: Equatable, Sendable {
  case feed(TraderFeed)
  case refusal(String)
}

/// What a trader may ask for.
package enum TraderRequest: String, Sendable, Codable, CaseIterable {
  case clockIn = "clock_in"
  case clockOut = "clock_out"
}

/// One line that cannot be read.
package enum TraderLineError: Error, Equatable, CustomStringConvertible {
  case tooLong(limit: Int)
  case unreadable
  case unknownRequest(String)

  package var description: String {
    switch self {
    case .tooLong(let limit): "a line exceeds \(limit) bytes"
    case .unreadable: "a line is no JSON object of the trader socket"
    case .unknownRequest(let name):
      "there is no request \(name); requests are "
        + TraderRequest.allCases.map(\.rawValue).joined(separator: " and ")
    }
  }
}

/// Messages as lines, and back.
package enum TraderLine {
  package static let messageLimit = 1 << 20
  package static let requestLimit = 256
  package static let newline = UInt8(ascii: "\n")

  private struct Message: Codable {
    var feed: TraderFeed?
    var refusal: String?
  }

  private struct Request: Codable {
    var request: String
  }

  /// With the newline.
  package static func encode(_ message: TraderMessage) -> [UInt8] {
    switch message {
    case .feed(let feed): line(Message(feed: feed))
    case .refusal(let text): line(Message(refusal: text))
    }
  }

  /// With the newline.
  package static func encode(_ request: TraderRequest) -> [UInt8] {
    line(Request(request: request.rawValue))
  }

  /// One value as a line, sorted by key.
  package static func line(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(value)) + [newline]
    } catch {
      preconditionFailure("Invariant: every message to a trader has a JSON form: \(error)")
    }
  }

  /// Reads what `line` wrote.
  package static func report(_ text: String) -> EvaluatorReport? {
    try? JSONDecoder().decode(EvaluatorReport.self, from: Data(text.utf8))
  }

  /// Reads a line, given without its newline.
  package static func message(
    _ bytes: some Collection<UInt8>
  ) throws(TraderLineError) -> TraderMessage {
    guard bytes.count <= messageLimit else { throw .tooLong(limit: messageLimit) }
    guard let message = try? JSONDecoder().decode(Message.self, from: Data(bytes)) else {
      throw .unreadable
    }
    if let feed = message.feed { return .feed(feed) }
    if let refusal = message.refusal { return .refusal(refusal) }
    throw .unreadable
  }

  /// Reads a line, given without its newline.
  package static func request(
    _ bytes: some Collection<UInt8>
  ) throws(TraderLineError) -> TraderRequest {
    guard bytes.count <= requestLimit else { throw .tooLong(limit: requestLimit) }
    guard let request = try? JSONDecoder().decode(Request.self, from: Data(bytes)) else {
      throw .unreadable
    }
    guard let known = TraderRequest(rawValue: request.request) else {
      throw .unknownRequest(String(request.request.prefix(40)))
    }
    return known
  }
}

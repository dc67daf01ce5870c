import NIOHTTP1
import RiskModel

/// A complete HTTP request.
struct ReceivedRequest {
  var method: String
  /// Without the query.
  var path: String
  /// Percent-decoded; the last one of a name counts.
  var query: [String: String]
  var headers: HTTPHeaders
  var body: [UInt8]
  /// Counts the connections of the venue from 1; 0 at the admin interface.
  var connection: Int

  init(head: HTTPRequestHead, body: [UInt8], connection: Int) {
    method = head.method.rawValue
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    query = parts.count == 2 ? queryMembers(parts[1]) : [:]
    headers = head.headers
    self.body = body
    self.connection = connection
  }
}

/// A complete HTTP reply.
struct Reply {
  var status: Int
  var headers: [(String, String)] = []
  var body: [UInt8] = []

  static func empty(_ status: Int) -> Reply { Reply(status: status) }

  static func text(_ text: String, status: Int = 200, type: String = "text/plain") -> Reply {
    Reply(
      status: status, headers: [("Content-Type", "\(type); charset=utf-8")],
      body: Array(text.utf8))
  }

  static func json(_ value: JSONValue, status: Int = 200) -> Reply {
    Reply(
      status: status, headers: [("Content-Type", "application/json; charset=utf-8")],
      body: value.jsonBytes)
  }
}

/// What the connection does with a request that was handled.
enum Delivery {
  case reply(Reply)
  /// Announces the whole body, sends half of it and ends.
  case brokenOff(Reply)
  /// Sends the body in pieces, spread over that time.
  case trickle(Reply, over: TimeSpan)
  case drop(reset: Bool)
  case silence
}

/// Answers the requests of one listener.
protocol RequestDesk: AnyObject {
  /// Calls `deliver` once, now or later, on the event loop.
  func handle(_ request: ReceivedRequest, deliver: @escaping (Delivery) -> Void)
}

private func queryMembers(_ text: Substring) -> [String: String] {
  var members: [String: String] = [:]
  for part in text.split(separator: "&") {
    let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    members[percentDecoded(pair[0])] = pair.count == 2 ? percentDecoded(pair[1]) : ""
  }
  return members
}

private func percentDecoded(_ text: Substring) -> String {
  guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
    return String(text)
  }
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%"), rest.count >= 2,
      let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
    {
      bytes.append(decoded)
      rest.removeFirst(2)
    } else {
      bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

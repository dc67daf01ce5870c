import Glibc
import SimulatedVenue
import Testing

/// Why a test's socket gave up.
enum SocketFailure: Error, Equatable {
  case cannotConnect(Int32)
  case timedOut
  case ended
  case reset
  case unexpected(String)
}

/// A blocking TCP connection to the loopback interface on which every wait ends.
final class RawSocket {
  private let descriptor: Int32
  private var received: [UInt8] = []
  private let patience: Int32

  init(port: Int, patience milliseconds: Int32 = 10_000) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    patience = milliseconds
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw SocketFailure.cannotConnect(errno) }
  }

  deinit {
    close(descriptor)
  }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SocketFailure.reset }
      rest.removeFirst(count)
    }
  }

  func send(_ text: String) throws {
    try send(Array(text.utf8))
  }

  /// Waits for more bytes. Errors: the time is up, the other side ended or reset the connection.
  private func receive(_ milliseconds: Int32? = nil) throws {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds ?? patience) > 0 else { throw SocketFailure.timedOut }
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count >= 0 else { throw SocketFailure.reset }
    guard count > 0 else { throw SocketFailure.ended }
    received.append(contentsOf: chunk[..<count])
  }

  func take(_ count: Int) throws -> [UInt8] {
    while received.count < count { try receive() }
    defer { received.removeFirst(count) }
    return Array(received[..<count])
  }

  /// Everything up to and with an empty line.
  func takeHead() throws -> String {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let start = received.indices.first(where: { received[$0...].starts(with: end) }) {
        let head = String(decoding: received[..<start], as: UTF8.self)
        received.removeFirst(start + end.count)
        return head
      }
      try receive()
    }
  }

  /// How the connection ends when nothing but its end is due.
  func awaitEnd() -> SocketFailure {
    do {
      while true { try receive() }
    } catch {
      return error as? SocketFailure ?? .unexpected("\(error)")
    }
  }

  /// Whether nothing comes for that long.
  func isSilent(for milliseconds: Int32) -> Bool {
    do {
      guard received.isEmpty else { return false }
      try receive(milliseconds)
      return false
    } catch {
      return error as? SocketFailure == .timedOut
    }
  }
}

/// A reply as it came off the wire.
struct RawReply {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
  var errorCode: Int64? { json["errorCode"]?.integer }
  var errorMessage: String? { json["errorMessage"]?.text }
}

extension RawSocket {
  func request(
    _ method: String, _ path: String, headers: [String] = [], body: String? = nil
  ) throws {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"] + headers
    if let body {
      lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
    }
    try send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
  }

  func reply() throws -> RawReply {
    let lines = try takeHead().split(separator: "\r\n")
    let words = lines[0].split(separator: " ")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] =
        parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard let status = Int(words[1]) else { throw SocketFailure.unexpected(String(lines[0])) }
    return RawReply(status: status, headers: headers, body: try take(length))
  }
}

/// A client of the REST interface.
final class RESTClient {
  let socket: RawSocket
  var token: String?

  /// Logs in unless told otherwise.
  init(_ venue: SimulatedVenueServer, logsIn: Bool = true, patience: Int32 = 10_000) throws {
    socket = try RawSocket(port: venue.port, patience: patience)
    if logsIn {
      token = try post(.login, #"{"userName":"demo","apiKey":"demo-key"}"#).json["token"]?.text
    }
  }

  func send(_ operation: GatewayOperation, _ body: String) throws {
    try socket.request(
      "POST", operation.path, headers: token.map { ["Authorization: Bearer \($0)"] } ?? [],
      body: body)
  }

  @discardableResult
  func post(_ operation: GatewayOperation, _ body: String) throws -> RawReply {
    try send(operation, body)
    return try socket.reply()
  }
}

/// Starts a venue that is stopped when the test is done with it.
func withVenue<Value>(
  _ configure: (inout SimulatedVenueConfiguration) -> Void = { _ in },
  _ body: (SimulatedVenueServer) throws -> Value
) throws -> Value {
  var configuration = SimulatedVenueConfiguration()
  configure(&configuration)
  let venue = try SimulatedVenueServer.start(configuration)
  defer { venue.stop() }
  return try body(venue)
}

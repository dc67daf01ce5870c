import Foundation
import Glibc
import ProcessControl
import RiskModel
import Synchronization

/// A web server or a mail server on loopback that takes whatever comes and remembers it, and when.
final class AlertReceiver: Sendable {
  enum Kind {
    case web
    case mail
  }

  let port: UInt16
  private let listener: Int32
  private let received = Mutex<[Arrival]>([])

  struct Arrival: Sendable {
    /// When all of it was there.
    let at: MonotonicInstant
    let text: String
  }

  init(_ kind: Kind) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &size) == 0
      }
    }
    guard isListening else { throw StageFailure("nobody can listen on loopback") }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
    let thread = UnsafeThread { [self] in serve(kind) }
    try thread.start()
  }

  /// What came, one text per message.
  var messages: [String] { arrivals.map(\.text) }

  var arrivals: [Arrival] { received.withLock { $0 } }

  /// What a mail says, without its headers.
  static func body(ofMail mail: String) -> String {
    guard let head = mail.firstRange(of: "\r\n\r\n") else { return "" }
    let text = Data(
      base64Encoded: String(mail[head.upperBound...]), options: .ignoreUnknownCharacters)
    return String(decoding: text ?? Data(), as: UTF8.self)
  }

  /// Nobody is served any more.
  func close() {
    shutdown(listener, Int32(SHUT_RDWR))
    Glibc.close(listener)
  }

  private func serve(_ kind: Kind) {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { return }
      var stream = Stream(descriptor: connection)
      let message =
        switch kind {
        case .web: stream.takePost()
        case .mail: stream.takeMail()
        }
      let arrival = message.map { Arrival(at: SystemClock().monotonicNow(), text: $0) }
      if let arrival { received.withLock { $0.append(arrival) } }
      Glibc.close(connection)
    }
  }
}

/// A thread of the machine: the receiver waits in system calls.
private struct UnsafeThread {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }

  private final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  func start() throws {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw StageFailure("no thread can be made")
    }
    pthread_detach(thread)
  }
}

/// One connection, read and written until it is done.
private struct Stream {
  let descriptor: Int32
  private var buffer: [UInt8] = []

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  mutating func takePost() -> String? {
    guard let head = take(until: "\r\n\r\n") else { return nil }
    let length = head.lowercased().split(separator: "\r\n")
      .first { $0.hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst("content-length:".count).filter { $0 != " " }) }
    guard let length else { return nil }
    while buffer.count < length { guard fill() else { return nil } }
    say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    return String(decoding: buffer.prefix(length), as: UTF8.self)
  }

  mutating func takeMail() -> String? {
    var mail: String?
    say("220 receiver\r\n")
    while let line = take(until: "\r\n") {
      switch line.prefix(4).uppercased() {
      case "DATA":
        say("354 go on\r\n")
        mail = take(until: "\r\n.\r\n")
        say("250 taken\r\n")
      case "QUIT":
        say("221 bye\r\n")
        return mail
      default: say("250 receiver\r\n")
      }
    }
    return mail
  }

  private mutating func take(until mark: String) -> String? {
    let bytes = Array(mark.utf8)
    while true {
      if let range = buffer.firstRange(of: bytes) {
        let text = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
        buffer.removeFirst(range.upperBound)
        return text
      }
      guard fill() else { return nil }
    }
  }

  private mutating func fill() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return false }
    buffer += bytes.prefix(count)
    return true
  }

  private func say(_ text: String) {
    let bytes = Array(text.utf8)
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}

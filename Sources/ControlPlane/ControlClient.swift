import Glibc
import ProcessControl
package import RiskModel

/// Asks the supervisor one thing and waits for the answer. For `riskctl`; never used on a loop.
package struct ControlClient: Sendable {
  private static let retryMilliseconds: Int32 = 20

  package let path: String
  private let clock: any Clock
  private let replyLimit: Int

  package init(path: String, clock: any Clock = SystemClock()) {
    self.path = path
    self.clock = clock
    replyLimit = ControlLimits().replyBytes
  }

  /// The timeout is for the whole exchange.
  package func ask(
    _ request: ControlRequest, timeout: TimeSpan = .seconds(5)
  ) throws(ControlError) -> ControlReply {
    let deadline = clock.monotonicNow() + timeout
    let socket = try connect(by: deadline)
    defer { socket.close() }
    try write(ControlLine.encode(request), to: socket, by: deadline)
    let line = try readLine(from: socket, by: deadline)
    do {
      return try ControlLine.decode(line, as: ControlReply.self)
    } catch {
      throw .replyUnreadable(error.text)
    }
  }

  /// A supervisor that is busy for a moment has no room for another caller; there will be.
  private func connect(by deadline: MonotonicInstant) throws(ControlError) -> Descriptor {
    while true {
      if let socket = try ControlSocket.connect(path: path) { return socket }
      guard clock.monotonicNow() < deadline else { throw .timedOut }
      poll(nil, 0, Self.retryMilliseconds)
    }
  }

  private func write(
    _ line: [UInt8], to socket: Descriptor, by deadline: MonotonicInstant
  ) throws(ControlError) {
    var left = line[...]
    while !left.isEmpty {
      try wait(for: POLLOUT, on: socket, by: deadline)
      let sent = left.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, sendFlags) }
      if sent >= 0 {
        left = left.dropFirst(sent)
      } else if errno == EPIPE || errno == ECONNRESET {
        // What the supervisor had to say before it closed may still be read.
        return
      } else if errno != EAGAIN, errno != EINTR {
        throw .unavailable(path: path, problem: systemText("send"))
      }
    }
  }

  private func readLine(
    from socket: Descriptor, by deadline: MonotonicInstant
  ) throws(ControlError) -> [UInt8] {
    var line: [UInt8] = []
    while true {
      try wait(for: POLLIN, on: socket, by: deadline)
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = chunk.withUnsafeMutableBytes { recv(socket.number, $0.baseAddress, $0.count, 0) }
      if count < 0 {
        if errno == EAGAIN || errno == EINTR { continue }
        if errno == ECONNRESET { throw .closedEarly }
        throw .unavailable(path: path, problem: systemText("recv"))
      }
      if count == 0 { throw .closedEarly }
      line += chunk[..<count]
      if let end = line.firstIndex(of: ControlLine.newline) { return Array(line[..<end]) }
      if line.count > replyLimit { throw .replyTooLong(limit: replyLimit) }
    }
  }

  private func wait(
    for events: Int32, on socket: Descriptor, by deadline: MonotonicInstant
  ) throws(ControlError) {
    while true {
      let left = deadline - clock.monotonicNow()
      guard left > .zero else { throw .timedOut }
      var entry = pollfd(fd: socket.number, events: Int16(events), revents: 0)
      let milliseconds = Int32(clamping: left.milliseconds + 1)
      let found = poll(&entry, 1, milliseconds)
      if found > 0 { return }
      if found < 0, errno != EINTR {
        throw .unavailable(path: path, problem: systemText("poll"))
      }
    }
  }
}

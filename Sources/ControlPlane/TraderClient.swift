import Glibc
package import ProcessControl
import RiskModel
package import TraderFeed

/// A trader's screen, as the trader sees it: connects, listens, and tries again for ever.
package final class TraderClient {
  /// What the client learns.
  package enum News: Equatable, Sendable {
    case feed(TraderFeed)
    case refusal(String)
    /// There is no connection, and why; it is tried again.
    case disconnected(String)
  }

  /// Waits before the next attempt; the last one repeats.
  private static let pauses: [TimeSpan] = [
    .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4),
  ]

  private let path: String
  private let reactor: Reactor
  private let handler: (News) -> Void
  private var socket: Descriptor?
  private var incoming: [UInt8] = []
  private var attempts = 0
  private var lastRefusal: String?
  private var isClosed = false

  /// The handler is called on the loop. Nothing happens before `start`.
  package init(path: String, on reactor: Reactor, handler: @escaping (News) -> Void) {
    self.path = path
    self.reactor = reactor
    self.handler = handler
  }

  deinit { disconnect() }

  package func start() { connect() }

  package var isConnected: Bool { socket != nil }

  /// A request of two lines at most fits into every socket; one that does not is lost with it.
  package func ask(_ request: TraderRequest) {
    guard let socket else { return }
    let line = TraderLine.encode(request)
    _ = line.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, sendFlags) }
  }

  package func close() {
    isClosed = true
    disconnect()
  }

  private func connect() {
    guard !isClosed, socket == nil else { return }
    do throws(ControlError) {
      guard let socket = try ControlSocket.connect(path: path) else {
        return failed("riskd has no room for another screen at the moment")
      }
      try watch(socket)
      self.socket = socket
      incoming = []
    } catch {
      failed("\(error)")
    }
  }

  private func watch(_ socket: Descriptor) throws(ControlError) {
    do {
      try reactor.watch(socket.number, readable: true) { [weak self] _ in self?.receive() }
    } catch {
      throw .unavailable(path: path, problem: "\(error)")
    }
  }

  private func disconnect() {
    guard let socket else { return }
    reactor.unwatch(socket.number)
    socket.close()
    self.socket = nil
  }

  private func failed(_ reason: String) {
    disconnect()
    guard !isClosed else { return }
    handler(.disconnected(lastRefusal ?? reason))
    lastRefusal = nil
    let pause = Self.pauses[min(attempts, Self.pauses.count - 1)]
    attempts += 1
    reactor.schedule(after: pause) { [weak self] in self?.connect() }
  }

  private func receive() {
    guard let socket else { return }
    let outcome = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
      Result { () throws(ProcessControlError) in try socket.read(into: buffer) }.map { outcome in
        if case .bytes(let count) = outcome { incoming += buffer[..<count] }
        return outcome
      }
    }
    switch outcome {
    case .success(.bytes): takeLines()
    case .success(.wouldBlock): break
    case .success(.endOfFile): failed("riskd closed the connection")
    case .failure(let error): failed("\(error)")
    }
  }

  private func takeLines() {
    while socket != nil, let newline = incoming.firstIndex(of: TraderLine.newline) {
      let line = incoming[..<newline]
      let rest = incoming[(newline + 1)...]
      do throws(TraderLineError) {
        take(try TraderLine.message(line))
        incoming = Array(rest)
      } catch {
        return failed("riskd speaks another language: \(error)")
      }
    }
    if incoming.count > TraderLine.messageLimit { failed("riskd sends lines without an end") }
  }

  private func take(_ message: TraderMessage) {
    switch message {
    case .feed(let feed):
      attempts = 0
      lastRefusal = nil
      handler(.feed(feed))
    case .refusal(let text):
      lastRefusal = text
      handler(.refusal(text))
    }
  }
}

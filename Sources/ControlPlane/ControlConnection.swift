import Glibc
import ProcessControl
import RiskModel

/// One client of the control socket, as the supervisor sees it.
final class ControlConnection {
  private enum State {
    /// Bytes of the next request. Can transition to: `.waiting`, `.replying`, `.closed`
    case reading([UInt8])
    /// The supervisor has the request; `rest` came behind it. Can transition to: `.replying`,
    /// `.closed`
    case waiting(rest: [UInt8])
    /// Can transition to: `.reading`, `.closed`
    case replying(ArraySlice<UInt8>, rest: [UInt8], thenClose: Bool)
    case closed
  }

  private let socket: Descriptor
  private let limits: ControlLimits
  private let reactor: Reactor
  private let onRequest: (ControlRequest) -> Void
  private let onClose: () -> Void
  private var state = State.reading([])
  private var timer: TimerToken?

  init(
    _ socket: Descriptor, limits: ControlLimits, on reactor: Reactor,
    onRequest: @escaping (ControlRequest) -> Void, onClose: @escaping () -> Void
  ) throws(ProcessControlError) {
    self.socket = socket
    self.limits = limits
    self.reactor = reactor
    self.onRequest = onRequest
    self.onClose = onClose
    try reactor.watch(socket.number, readable: true) { [weak self] readiness in
      guard let self else { return }
      if readiness.isReadable { self.receive() }
      if readiness.isWritable { self.transmit() }
    }
    limit(to: limits.requestTime)
  }

  func reply(_ reply: ControlReply) {
    guard case .waiting(let rest) = state else { return }
    var line = ControlLine.encode(reply)
    if line.count > limits.replyBytes {
      let refusal = ControlRefusal(.failed, "the reply exceeds \(limits.replyBytes) bytes")
      line = ControlLine.encode(ControlReply.error(refusal))
    }
    start(line, rest: rest, thenClose: false)
  }

  func close() {
    if case .closed = state { return }
    state = .closed
    if let timer { reactor.cancel(timer) }
    reactor.unwatch(socket.number)
    socket.close()
  }

  private func receive() {
    guard case .reading(var bytes) = state else { return }
    let outcome = withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
      Result { () throws(ProcessControlError) in try socket.read(into: buffer) }.map { outcome in
        if case .bytes(let count) = outcome { bytes += buffer[..<count] }
        return outcome
      }
    }
    switch outcome {
    case .success(.bytes): consume(bytes)
    case .success(.wouldBlock): break
    case .success(.endOfFile), .failure: end()
    }
  }

  /// Takes the first request out of the bytes, if it is complete.
  private func consume(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: ControlLine.newline) else {
      if bytes.count > limits.requestBytes { return refuseOversized() }
      state = .reading(bytes)
      return
    }
    guard end <= limits.requestBytes else { return refuseOversized() }
    do throws(ControlRefusal) {
      let request = try ControlLine.decode(bytes[..<end], as: ControlRequest.self)
      state = .waiting(rest: Array(bytes[(end + 1)...]))
      reactor.update(socket.number, readable: false, writable: false)
      limit(to: limits.waitTime)
      onRequest(request)
    } catch {
      start(ControlLine.encode(ControlReply.error(error)), rest: [], thenClose: true)
    }
  }

  private func refuseOversized() {
    let refusal = ControlRefusal(.oversized, "a request has at most \(limits.requestBytes) bytes")
    start(ControlLine.encode(ControlReply.error(refusal)), rest: [], thenClose: true)
  }

  private func start(_ line: [UInt8], rest: [UInt8], thenClose: Bool) {
    state = .replying(line[...], rest: rest, thenClose: thenClose)
    limit(to: limits.replyTime)
    transmit()
  }

  private func transmit() {
    guard case .replying(let bytes, let rest, let thenClose) = state else { return }
    let sent = bytes.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, sendFlags) }
    if sent < 0, errno != EAGAIN, errno != EINTR { return end() }
    let left = bytes.dropFirst(max(0, sent))
    if !left.isEmpty {
      state = .replying(left, rest: rest, thenClose: thenClose)
      reactor.update(socket.number, readable: false, writable: true)
    } else if thenClose {
      end()
    } else {
      state = .reading([])
      reactor.update(socket.number, readable: true, writable: false)
      limit(to: limits.requestTime)
      if !rest.isEmpty { consume(rest) }
    }
  }

  private func limit(to span: TimeSpan) {
    if let timer { reactor.cancel(timer) }
    timer = reactor.schedule(after: span) { [weak self] in self?.end() }
  }

  private func end() {
    close()
    onClose()
  }
}

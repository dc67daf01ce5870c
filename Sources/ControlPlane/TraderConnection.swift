import Glibc
import ProcessControl
import RiskModel
import TraderFeed

/// One screen of a trader, as the monitor sees it.
final class TraderConnection {
  private let socket: Descriptor
  private let limits: TraderLimits
  private let reactor: Reactor
  private let onRequest: (TraderRequest) -> String?
  private let onEnd: (_ wasSlow: Bool) -> Void

  private var isClosed = false
  private var isReading = true
  private var incoming: [UInt8] = []
  private var outgoing: ArraySlice<UInt8> = []
  /// An answer goes before the next picture.
  private var answers: [UInt8] = []
  /// The picture that is shown once the present one is taken; older ones are never sent.
  private var next: [UInt8]?
  private var timer: TimerToken?

  init(
    _ socket: Descriptor, limits: TraderLimits, on reactor: Reactor,
    onRequest: @escaping (TraderRequest) -> String?, onEnd: @escaping (Bool) -> Void
  ) throws(ProcessControlError) {
    self.socket = socket
    self.limits = limits
    self.reactor = reactor
    self.onRequest = onRequest
    self.onEnd = onEnd
    try reactor.watch(socket.number, readable: true) { [weak self] readiness in
      guard let self else { return }
      if readiness.isReadable, self.isReading { self.receive() }
      if readiness.isWritable, !self.isClosed { self.transmit() }
    }
  }

  func show(_ line: [UInt8]) {
    next = line
    transmit()
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    if let timer { reactor.cancel(timer) }
    reactor.unwatch(socket.number)
    socket.close()
  }

  private func end(slow: Bool = false) {
    guard !isClosed else { return }
    close()
    onEnd(slow)
  }

  private func receive() {
    let outcome = withUnsafeTemporaryAllocation(
      byteCount: TraderLine.requestLimit, alignment: 1
    ) { buffer in
      Result { () throws(ProcessControlError) in try socket.read(into: buffer) }.map { outcome in
        if case .bytes(let count) = outcome { incoming += buffer[..<count] }
        return outcome
      }
    }
    switch outcome {
    case .success(.bytes): consume()
    case .success(.wouldBlock): break
    case .success(.endOfFile), .failure: end()
    }
  }

  /// Carries out at most one request; the next one waits for its turn.
  private func consume() {
    guard let newline = incoming.firstIndex(of: TraderLine.newline) else {
      if incoming.count > TraderLine.requestLimit { end() }
      return
    }
    let line = Array(incoming[..<newline])
    incoming = Array(incoming[(newline + 1)...])
    do throws(TraderLineError) {
      let request = try TraderLine.request(line)
      if let reason = onRequest(request) { answer(reason) }
    } catch {
      answer("\(error)")
    }
    guard !isClosed else { return }
    isReading = false
    watch()
    reactor.schedule(after: limits.requestPause) { [weak self] in
      guard let self, !self.isClosed else { return }
      self.isReading = true
      self.watch()
      self.consume()
    }
  }

  private func answer(_ text: String) {
    let line = TraderLine.encode(.refusal(text))
    // Who asks faster than it listens hears less.
    if answers.count + line.count <= TraderLine.requestLimit * 16 { answers += line }
    transmit()
  }

  private func transmit() {
    guard !isClosed else { return }
    if outgoing.isEmpty {
      outgoing = (answers + (next ?? []))[...]
      answers = []
      next = nil
    }
    guard !outgoing.isEmpty else { return watch() }
    let sent = outgoing.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, sendFlags) }
    if sent < 0, errno != EAGAIN, errno != EINTR { return end() }
    outgoing = outgoing.dropFirst(max(0, sent))
    if outgoing.isEmpty {
      if let timer { reactor.cancel(timer) }
      timer = nil
      if next != nil || !answers.isEmpty { return transmit() }
    } else if timer == nil {
      timer = reactor.schedule(after: limits.drainTime) { [weak self] in self?.end(slow: true) }
    }
    watch()
  }

  private func watch() {
    guard !isClosed else { return }
    reactor.update(socket.number, readable: isReading, writable: !outgoing.isEmpty)
  }
}

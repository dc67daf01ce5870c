extension LinkMachine {
  /// A fresh pair of pipes is there. Whatever of a frame was half read or half written is void.
  package mutating func opened(linkEpoch: Int64) {
    self.linkEpoch = linkEpoch
    phase = .greeting
    fault = nil
    due = Due()
    incoming.transportOpened()
  }

  /// The transport is of no use any more.
  package mutating func failed(_ fault: LinkFault) -> [Action] {
    guard phase != .detached else { return [] }
    incoming.failed(fault)
    phase = .detached
    self.fault = fault
    return [.broken(fault)]
  }

  /// A frame of the peer. Frames that come after the end of a transport are ignored.
  package mutating func received(_ frame: [UInt8]) -> [Action] {
    guard phase != .detached else { return [] }
    do throws(LinkFault) {
      let envelope = try Envelope.read(frame)
      return try received(envelope, text: frame)
    } catch {
      return failed(error)
    }
  }

  private mutating func received(_ frame: Envelope, text: [UInt8]) throws(LinkFault) -> [Action] {
    guard frame.linkEpoch == linkEpoch else {
      throw .linkEpoch(expected: linkEpoch, found: frame.linkEpoch, head: FrameHead(text))
    }
    switch frame.kind {
    case .hello:
      return try greeted(frame, text: text)
    case .resume:
      try incoming.resumed(frame, text: text)
      return []
    case .restart:
      try incoming.restarted(frame, text: text)
      return [.peerRestarted(producerEpoch: frame.producerEpoch)]
    case .message:
      let isNext = try incoming.arrived(frame, text: text) == .next
      return isNext ? [.deliver(body: frame.body, frame.position)] : []
    case .skip:
      let skip = try body(SkipReason.self, of: frame, text: text)
      let isNext = try incoming.arrived(frame, text: text) == .next
      return isNext ? [.skipped(frame.position, reason: skip.reason)] : []
    case .ack:
      return try acknowledged(frame, text: text)
    }
  }

  private mutating func greeted(_ frame: Envelope, text: [UInt8]) throws(LinkFault) -> [Action] {
    guard phase == .greeting else {
      throw .outOfTurn(kind: frame.kind.rawValue, head: FrameHead(text))
    }
    let hello = try body(Hello.self, of: frame, text: text)
    guard LinkLimits.versions.newestCommon(with: hello.versions) != nil else {
      throw .versions(ours: LinkLimits.versions, theirs: hello.versions)
    }
    guard hello.credits.messages > 0, hello.credits.bytes > 0 else {
      throw .envelope(member: "credits", head: FrameHead(text))
    }
    incoming.greeted(producerEpoch: frame.producerEpoch)
    switch outgoing.greeted(by: hello) {
    case .snapshotNeeded(let reason):
      phase = .owingSnapshot
      return [.snapshotNeeded(reason)]
    case .resume(let sequence):
      let quarantined = hello.poisoned.flatMap { quarantine($0) }
      beginFlow(.resume, at: sequence)
      return [quarantined, .live].compactMap { $0 }
    }
  }

  private mutating func quarantine(_ poisoned: Poisoned) -> Action? {
    var poisoned = poisoned
    poisoned.reason = String(poisoned.reason.prefix(LinkMachine.longestReason))
    guard let body = outgoing.quarantine(poisoned) else { return nil }
    return .quarantined(
      StreamPosition(producerEpoch: poisoned.producerEpoch, sequence: poisoned.sequence),
      body: body, reason: poisoned.reason)
  }

  mutating func beginFlow(_ kind: Envelope.Kind, at sequence: Int64) {
    due.opening = (kind, sequence)
    phase = .flowing(since: now, isCongested: false)
  }

  private mutating func acknowledged(_ frame: Envelope, text: [UInt8]) throws(LinkFault)
    -> [Action]
  {
    guard case .flowing = phase else {
      throw .outOfTurn(kind: frame.kind.rawValue, head: FrameHead(text))
    }
    guard frame.producerEpoch == outgoing.producerEpoch,
      outgoing.acknowledged(through: frame.sequence)
    else {
      throw .acknowledgement(
        of: frame.position, sent: outgoing.newestSentPosition, head: FrameHead(text))
    }
    return reviewCongestion()
  }

  private func body<Body: Decodable>(
    _ type: Body.Type, of frame: Envelope, text: [UInt8]
  ) throws(LinkFault) -> Body {
    do {
      return try LinkMachine.coder.decode(type, from: frame.body)
    } catch {
      throw .body("\(frame.kind.rawValue): \(error)", head: FrameHead(text))
    }
  }
}

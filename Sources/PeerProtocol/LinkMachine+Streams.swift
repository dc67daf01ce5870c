extension LinkMachine {
  /// The message that was handed out last cannot be read. Poisons the link.
  package mutating func rejected(
    _ position: StreamPosition, body: [UInt8], problem: String
  ) -> [Action] {
    incoming.rejected(position)
    return failed(.body(problem, head: FrameHead(body)))
  }

  /// What was handed out, through `position`, has taken effect and will not be needed again.
  package mutating func commit(through position: StreamPosition) {
    incoming.commit(through: position)
  }

  /// Acknowledges with the next output what is committed.
  package mutating func requestAcknowledgement() {
    incoming.requestAcknowledgement()
  }
}

extension LinkMachine {
  /// Takes a message for sending.
  ///
  /// - Throws: `SendRefusal` when it does not fit a frame, or too much waits already.
  package mutating func accept(_ body: [UInt8], priority: SendPriority) throws(SendRefusal) {
    try checkSize(body)
    let backlog = outgoing.backlog
    guard backlog.count < limits.backlog.messages,
      backlog.bytes + body.count <= limits.backlog.bytes
    else {
      throw .backlogFull(messages: backlog.count, bytes: backlog.bytes)
    }
    outgoing.append(WaitingMessage(body: body, priority: priority, acceptedAt: now))
  }

  /// Takes a snapshot: the state from which the peer can go on.
  ///
  /// After `snapshotNeeded` it begins the stream anew. At any other time it goes behind what is on
  /// its way, in place of what waits (`everything`) or behind that (`nothing`). Nothing that was
  /// accepted before is dropped otherwise.
  ///
  /// - Throws: `SendRefusal.tooLarge`; nothing is changed then.
  package mutating func accept(
    snapshot: [[UInt8]], replacing replacement: SnapshotReplacement
  ) throws(SendRefusal) -> [Action] {
    for body in snapshot { try checkSize(body) }
    let messages = snapshot.map {
      WaitingMessage(body: $0, priority: .reliable, acceptedAt: now)
    }
    switch phase {
    case .owingSnapshot:
      beginFlow(.restart, at: outgoing.restart(with: messages, replacing: replacement))
      return [.live]
    case .detached, .greeting, .flowing:
      outgoing.append(snapshot: messages, replacing: replacement)
      return []
    }
  }

  private func checkSize(_ body: [UInt8]) throws(SendRefusal) {
    guard body.count <= LinkLimits.bodyBytes else {
      throw .tooLarge(bytes: body.count, limit: LinkLimits.bodyBytes)
    }
  }

  /// Appends frames until `output` holds `limit` bytes or more, or nothing may be sent.
  package mutating func produce(into output: inout [UInt8], limit: Int) {
    guard phase != .detached else { return }
    if due.hello {
      due.hello = false
      append(
        .hello, of: outgoing.producerEpoch, body: encoded(incoming.takeHello()), to: &output)
    }
    if let position = incoming.takeAcknowledgement() {
      append(.ack, of: position.producerEpoch, sequence: position.sequence, to: &output)
    }
    guard case .flowing = phase else { return }
    if let (kind, sequence) = due.opening {
      due.opening = nil
      append(kind, of: outgoing.producerEpoch, sequence: sequence, to: &output)
    }
    while output.count < limit, let (sequence, content) = outgoing.next() {
      switch content {
      case .message(let message):
        append(
          .message, of: outgoing.producerEpoch, sequence: sequence, body: message.body,
          to: &output)
      case .skip(let reason):
        append(
          .skip, of: outgoing.producerEpoch, sequence: sequence,
          body: encoded(SkipReason(reason: reason)), to: &output)
      }
    }
  }

  private func append(
    _ kind: Envelope.Kind, of producerEpoch: Int64, sequence: Int64 = 0, body: [UInt8] = [],
    to output: inout [UInt8]
  ) {
    Envelope(
      kind: kind, linkEpoch: linkEpoch, producerEpoch: producerEpoch, sequence: sequence,
      body: body
    ).append(to: &output)
  }

  private func encoded(_ body: some Encodable) -> [UInt8] {
    do {
      return try LinkMachine.coder.encode(body)
    } catch {
      preconditionFailure("Invariant: \(body) can be encoded, not \(error)")
    }
  }
}

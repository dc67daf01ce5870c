import CPlatform
import Glibc
import RiskModel

/// How a control channel came to its end.
package enum ControlEnding: Equatable, Sendable {
  /// The other side is gone; everything that it sent before was delivered.
  case endOfFile
  case failed(ProcessControlError)
}

/// One end of the control channel between the supervisor and a worker.
///
/// Sending never blocks: what the socket does not take waits in a queue of at most
/// `outQueueLimit` packets. A failure of any kind ends the channel; the ending is the last event.
/// Descriptors that a message brings belong to the receiver of the event.
package final class ControlChannel<Outgoing: ControlMessage, Incoming: ControlMessage> {
  package enum Event {
    case message(Incoming, descriptors: [Descriptor])
    case ended(ControlEnding)
  }

  /// A worker that lets this many packets wait has not read its channel for as many challenges,
  /// several times longer than a worker may be silent.
  package static var outQueueLimit: Int { 64 }

  /// Packets read before other descriptors get their turn.
  private static var packetsPerTurn: Int { 16 }

  private struct Packet {
    var bytes: [UInt8]
    var descriptors: [Descriptor]
  }

  private enum State {
    /// Can transition to: .deaf, .ended
    case open
    /// The other side reads no more, but what it sent last may still wait.
    /// Can transition to: .ended
    case deaf
    /// Can transition to: none
    case ended
  }

  private let reactor: Reactor
  private let socket: Descriptor
  private let buffer: UnsafeMutableRawBufferPointer
  private var state = State.open
  private var queue: [Packet] = []
  private var handler: ((Event) -> Void)?

  /// Takes over a socket and reports events until the ending or `close()`. The handler is called
  /// on the loop, never from inside `send`.
  package init(
    _ socket: Descriptor, on reactor: Reactor, handler: @escaping (Event) -> Void
  ) throws(ProcessControlError) {
    self.reactor = reactor
    self.socket = socket
    self.handler = handler
    buffer = .allocate(byteCount: ControlPacket.limit, alignment: 16)
    try reactor.watch(socket.number, readable: true) { [unowned self] readiness in
      if readiness.isWritable { self.flush() }
      if readiness.isReadable { self.receive() }
    }
  }

  deinit {
    close()
    buffer.deallocate()
  }

  package var isOpen: Bool {
    if case .ended = state { false } else { true }
  }

  /// Packets that the socket has not taken yet.
  package var queuedPackets: Int { queue.count }

  /// Sends a message with its descriptors, which are closed here once the packet has left.
  ///
  /// On a channel that has ended, or whose other side is gone, the message is dropped; the ending
  /// is told by its event.
  package func send(_ message: Outgoing, descriptors: [Descriptor] = []) {
    guard descriptors.count == message.descriptorCount else {
      preconditionFailure("Invariant: \(descriptors.count) descriptors fit the message")
    }
    guard case .open = state else {
      for descriptor in descriptors { descriptor.close() }
      return
    }
    do throws(ProcessControlError) {
      var packet = Packet(bytes: try ControlPacket.encode(message), descriptors: descriptors)
      if packet.bytes.count > ControlPacket.limit {
        packet.descriptors.append(try ControlEnclosure.make(of: packet.bytes))
        packet.bytes = [ControlEnclosure.mark]
      }
      guard queue.count < Self.outQueueLimit else {
        throw .outQueueFull(limit: Self.outQueueLimit)
      }
      queue.append(packet)
    } catch {
      for descriptor in descriptors { descriptor.close() }
      failSoon(error)
      return
    }
    if queue.count == 1 { flush() }
  }

  /// Hands the socket what it takes of the queue.
  package func flush() {
    var sent = 0
    defer {
      queue.removeFirst(min(sent, queue.count))
      if isOpen { reactor.update(socket.number, readable: true, writable: !queue.isEmpty) }
    }
    while sent < queue.count {
      switch transmit(queue[sent]) {
      case 0:
        for descriptor in queue[sent].descriptors { descriptor.close() }
        sent += 1
      case -EAGAIN:
        return
      case -EPIPE, -ECONNRESET:
        state = .deaf
        dropQueue()
      case let result:
        failSoon(.systemCall(name: "sendmsg", code: -result))
      }
    }
  }

  /// Ends the channel without an event. Queued packets are dropped.
  package func close() {
    guard isOpen else { return }
    state = .ended
    handler = nil
    reactor.unwatch(socket.number)
    socket.close()
    dropQueue()
  }

  private func transmit(_ packet: Packet) -> Int32 {
    let numbers = packet.descriptors.map(\.number)
    return packet.bytes.withUnsafeBytes {
      platform_packet_send(
        socket.number, $0.baseAddress, $0.count, numbers, Int32(numbers.count))
    }
  }

  private func dropQueue() {
    for packet in queue {
      for descriptor in packet.descriptors { descriptor.close() }
    }
    queue.removeAll()
  }

  private func receive() {
    for _ in 0..<Self.packetsPerTurn {
      guard isOpen else { return }
      var packet = platform_packet()
      let result = platform_packet_receive(
        socket.number, buffer.baseAddress, buffer.count, &packet)
      switch result {
      case -EAGAIN:
        return
      case -ECONNRESET:
        // The other side went without reading everything; what it sent before is still there.
        continue
      case 0:
        end(.endOfFile)
      case 1:
        deliver(packet)
      default:
        end(.failed(.systemCall(name: "recvmsg", code: -result)))
      }
    }
  }

  private func deliver(_ packet: platform_packet) {
    let numbers = [packet.descriptors.0, packet.descriptors.1].prefix(Int(packet.descriptor_count))
    var descriptors = numbers.map { Descriptor(owning: $0) }
    do throws(ProcessControlError) {
      if Int(packet.lost) & PLATFORM_BYTES_LOST != 0 {
        throw .packetTruncated(limit: ControlPacket.limit)
      }
      if packet.lost != 0 { throw .descriptorsLost }
      let message = try message(of: packet.count, &descriptors)
      guard message.descriptorCount == descriptors.count else {
        throw .descriptorCountWrong(
          expected: message.descriptorCount, received: descriptors.count)
      }
      handler?(.message(message, descriptors: descriptors))
    } catch {
      end(.failed(error))
    }
  }

  /// What the packet in the buffer says, or the file that it encloses, which is taken off.
  private func message(
    of count: Int, _ descriptors: inout [Descriptor]
  ) throws(ProcessControlError) -> Incoming {
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    guard count == 1, bytes[0] == ControlEnclosure.mark, let file = descriptors.popLast() else {
      return try ControlPacket.decode(bytes, as: Incoming.self)
    }
    return try ControlPacket.decode(try ControlEnclosure.read(file), as: Incoming.self)
  }

  private func end(_ ending: ControlEnding) {
    guard let handler else { return }
    close()
    handler(.ended(ending))
  }

  /// Ends the channel at once and tells so in the next turn, ahead of the mailbox: the caller is in
  /// the middle of something.
  private func failSoon(_ error: ProcessControlError) {
    guard let handler else { return }
    close()
    reactor.schedule(after: .zero) { handler(.ended(.failed(error))) }
  }
}

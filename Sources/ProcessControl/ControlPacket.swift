import CPlatform
import FoundationEssentials
package import Supervision

// One packet of the control channel: a JSON object as `Codable` writes the message enums, 1 to
// 131,072 bytes of UTF-8, no header and no terminator, and the descriptors that the message's kind
// has. The socket keeps the borders of packets.
//
// A longer object, up to 16 MiB, travels as a file in memory: its packet is the one byte 0, and the
// last descriptor is that file, see `ControlEnclosure`.

/// A message that a packet can carry.
package protocol ControlMessage: Codable, Sendable {
  /// How many descriptors belong to the message.
  var descriptorCount: Int { get }
}

extension SupervisorMessage: ControlMessage {
  package var descriptorCount: Int {
    switch self {
    case .link: 2
    case .telemetryOut, .telemetryIn, .screens: 1
    case .start, .challenge, .ask, .stop: 0
    }
  }
}

extension WorkerMessage: ControlMessage {
  package var descriptorCount: Int { 0 }
}

/// Limits and socket pairs of the control channel.
package enum ControlPacket {
  /// The longest packet in bytes. A role's settings with its secrets are a few kilobytes, and one or
  /// two more for each account.
  package static let limit = 128 * 1_024
  /// The longest message in bytes, in a packet or enclosed.
  package static let largestMessage = 16 * 1_024 * 1_024

  /// Holds the longest packet with the kernel's accounting, beside one that is unread.
  private static let bufferBytes: Int32 = 512 * 1_024

  /// Makes the two ends of a control channel.
  package static func makeEnds()
    throws(ProcessControlError) -> (supervisor: Descriptor, worker: Descriptor)
  {
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutableBytes(of: &ends) {
      platform_packet_pair($0.bindMemory(to: Int32.self).baseAddress, bufferBytes)
    }
    try checked(result, "socketpair")
    return (Descriptor(owning: ends.0), Descriptor(owning: ends.1))
  }

  static func encode(_ message: some ControlMessage) throws(ProcessControlError) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = [UInt8](try JSONEncoder().encode(message))
    } catch {
      preconditionFailure("Invariant: every control message has a JSON form")
    }
    guard bytes.count <= largestMessage else {
      throw .packetTooLong(bytes: bytes.count, limit: largestMessage)
    }
    return bytes
  }

  static func decode<Message: ControlMessage>(
    _ bytes: some Collection<UInt8>, as type: Message.Type
  ) throws(ProcessControlError) -> Message {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      // The decoder's own words can quote the text.
      throw .packetUnreadable(bytes: bytes.count)
    }
  }
}

import FoundationEssentials

/// Messages as canonical JSON: keys sorted, no white space, so that equal messages have equal
/// bytes.
package struct MessageCoder: Sendable {
  private let encoder: JSONEncoder
  private let decoder = JSONDecoder()

  package init() {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// - Throws: `EncodingError` when the message refuses to be encoded.
  package func encode(_ message: some Encodable) throws -> [UInt8] {
    Array(try encoder.encode(message))
  }

  /// - Throws: `DecodingError` when the text is not JSON or not such a message.
  package func decode<Message: Decodable>(_ type: Message.Type, from json: [UInt8]) throws
    -> Message
  {
    try decoder.decode(type, from: Data(json))
  }
}

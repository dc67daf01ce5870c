import FoundationEssentials
import RiskModel

/// Messages as canonical JSON: keys sorted, no white space, so that equal messages have equal
/// bytes. Values that write it by themselves do; the bytes are the same either way.
package struct MessageCoder: Sendable {
  private let general = GeneralCoder()

  package init() {}

  /// - Throws: `EncodingError` when the message refuses to be encoded.
  package func encode(_ message: some Encodable) throws -> [UInt8] {
    if let value = message as? any CanonicalValue {
      var writer = CanonicalWriter(general: general)
      value.write(to: &writer)
      if writer.isComplete { return writer.bytes }
    }
    return try general.text(of: message)
  }

  /// - Throws: `DecodingError` when the text is not JSON or not such a message.
  package func decode<Message: Decodable>(_ type: Message.Type, from json: [UInt8]) throws
    -> Message
  {
    if let canonical = type as? any CanonicalValue.Type, let value = read(canonical, json),
      let message = value as? Message
    {
      return message
    }
    return try general.value(type, from: json)
  }

  private func read<Value: CanonicalValue>(_ type: Value.Type, _ json: [UInt8]) -> Value? {
    var reader = CanonicalReader(json, general: general)
    do throws(NotCanonical) {
      let value = try Value(from: &reader)
      return reader.isAtEnd ? value : nil
    } catch {
      return nil
    }
  }
}

/// Canonical JSON by way of `Codable`.
struct GeneralCoder: GeneralJSON, Sendable {
  private let encoder: JSONEncoder
  private let decoder = JSONDecoder()

  init() {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  func text(of value: any Encodable) throws -> [UInt8] {
    Array(try encoder.encode(value))
  }

  func value<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) throws -> Value {
    try decoder.decode(type, from: Data(json))
  }
}

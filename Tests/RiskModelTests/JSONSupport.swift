import FoundationEssentials
import Testing

/// Encodes, decodes and compares; gives the JSON text.
func roundTrip<Value: Codable & Equatable>(_ value: Value) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  let data = try encoder.encode(value)
  #expect(try JSONDecoder().decode(Value.self, from: data) == value)
  return String(decoding: data, as: UTF8.self)
}

/// A part of the engine's state that an earlier release may not have stored: it then starts empty,
/// so that a new release goes on with the state of the old one.
protocol StartsEmpty: Codable {
  init()
}

extension KeyedDecodingContainer {
  /// Chosen by synthesized decoding for every member whose type starts empty.
  func decode<Value: StartsEmpty>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try decodeIfPresent(type, forKey: key) ?? Value()
  }
}

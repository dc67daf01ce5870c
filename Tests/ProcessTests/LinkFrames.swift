/// Frames of a link as they lie in its pipe: a length of four bytes, the highest first, and a JSON
/// object each.
struct LinkFrames {
  private static let lengthBytes = 4

  var texts: [String]

  /// Nothing when the bytes do not begin and end with a frame.
  init?(_ bytes: [UInt8]) {
    texts = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.count > Self.lengthBytes else { return nil }
      let length = rest.prefix(Self.lengthBytes).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(Self.lengthBytes)
      guard rest.count >= length, let text = String(validating: rest.prefix(length), as: UTF8.self),
        text.hasPrefix("{"), text.hasSuffix("}")
      else { return nil }
      texts.append(text)
      rest = rest.dropFirst(length)
    }
  }

  var bytes: [UInt8] {
    texts.flatMap { text -> [UInt8] in
      let length = text.utf8.count
      return (0..<Self.lengthBytes).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        + Array(text.utf8)
    }
  }

  /// Places of the frames that carry a message.
  var messages: [Int] { texts.indices.filter { texts[$0].hasSuffix(#""t":"message"}"#) } }

  func sequence(at place: Int) -> Int64? {
    texts[place].matches(of: /"seq":([0-9]+)/).last.flatMap { Int64($0.1) }
  }

  /// Gives a message a body that nobody can read; the frame itself stays as it has to be.
  mutating func damageBody(at place: Int) {
    texts[place] = #"{"b":[],"was":"# + texts[place].dropFirst(#"{"b":"#.count)
  }
}

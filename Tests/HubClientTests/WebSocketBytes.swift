/// A frame as a server writes it (RFC 6455, section 5.2), or as one must not.
func frame(
  _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, reserved: UInt8 = 0,
  isMasked: Bool = false
) -> [UInt8] {
  var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | reserved | opcode]
  let mask: UInt8 = isMasked ? 0x80 : 0
  switch payload.count {
  case ..<126: bytes.append(mask | UInt8(payload.count))
  case ..<65_536:
    bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
  default:
    bytes.append(mask | 127)
    bytes += (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xFF) }
  }
  return bytes + (isMasked ? [0, 0, 0, 0] : []) + payload
}

func text(_ payload: String) -> [UInt8] { frame(1, Array(payload.utf8)) }

func closeFrame(_ code: UInt16) -> [UInt8] { frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)]) }

/// A frame that the client wrote.
struct ClientFrame: Equatable {
  var opcode: UInt8
  var payload: [UInt8]

  /// The complete frames in what the client sent; `nil` when one is not final or not masked.
  static func all(in stream: [UInt8]) -> [ClientFrame]? {
    var frames: [ClientFrame] = []
    var rest = stream[...]
    while rest.count >= 2 {
      let first = rest.removeFirst()
      let second = rest.removeFirst()
      guard first & 0xF0 == 0x80, second & 0x80 != 0 else { return nil }
      var length = Int(second & 0x7F)
      for extended in [(126, 2), (127, 8)] where length == extended.0 {
        guard rest.count >= extended.1 else { return frames }
        length = rest.prefix(extended.1).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(extended.1)
        break
      }
      guard rest.count >= 4 + length else { return frames }
      let key = Array(rest.prefix(4))
      let data = rest.dropFirst(4).prefix(length)
      frames.append(
        ClientFrame(
          opcode: first & 0xF, payload: data.enumerated().map { $1 ^ key[$0 % 4] }))
      rest = rest.dropFirst(4 + length)
    }
    return frames
  }
}

/// The value of Sec-WebSocket-Accept that belongs to a key.
func acceptance(of key: String) -> String {
  base64(sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
}

func sha1(_ message: [UInt8]) -> [UInt8] {
  var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
  var padded = message + [0x80]
  while padded.count % 64 != 56 { padded.append(0) }
  padded += (0..<8).reversed().map { UInt8((message.count * 8) >> ($0 * 8) & 0xFF) }
  let rotate = { (word: UInt32, count: UInt32) in word << count | word >> (32 - count) }
  for start in stride(from: 0, to: padded.count, by: 64) {
    var words = (0..<16).map { index in
      padded[(start + index * 4)..<(start + index * 4 + 4)].reduce(UInt32(0)) {
        $0 << 8 | UInt32($1)
      }
    }
    for index in 16..<80 {
      words.append(
        rotate(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for (index, word) in words.enumerated() {
      let (mixed, constant): (UInt32, UInt32) =
        switch index / 20 {
        case 0: (b & c | ~b & d, 0x5A82_7999)
        case 1: (b ^ c ^ d, 0x6ED9_EBA1)
        case 2: (b & c | b & d | c & d, 0x8F1B_BCDC)
        default: (b ^ c ^ d, 0xCA62_C1D6)
        }
      let next = rotate(a, 5) &+ mixed &+ e &+ constant &+ word
      (a, b, c, d, e) = (next, a, rotate(b, 30), c, d)
    }
    for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
  }
  return state.flatMap { word in (0..<4).reversed().map { UInt8(word >> ($0 * 8) & 0xFF) } }
}

func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var text = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = Array(bytes[start..<min(start + 3, bytes.count)])
    let word = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[$1]) : 0) }
    for position in 0..<4 {
      text.append(position <= group.count ? alphabet[word >> ((3 - position) * 6) & 63] : "=")
    }
  }
  return text
}

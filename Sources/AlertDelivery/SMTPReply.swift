// A reply of a mail server (RFC 5321, 4.2): lines "ddd-text" and a last one "ddd text" or "ddd",
// each ended by CR LF.

/// One reply of a mail server.
struct SMTPReply: Equatable {
  var code: Int
  /// One text for each line.
  var lines: [String]

  var isPositive: Bool { (200..<400).contains(code) }
}

/// Takes replies out of the bytes that come.
struct SMTPReplyReader {
  /// A server that says more than this says nothing sensible.
  static let mostBytes = 64 * 1_024

  enum Finding: Equatable {
    case reply(SMTPReply)
    case unreadable
  }

  private var bytes: [UInt8] = []
  private var code: Int?
  private var lines: [String] = []

  /// Whether something came behind the last reply.
  var hasMore: Bool { !bytes.isEmpty || code != nil }

  mutating func append(_ new: some Sequence<UInt8>) { bytes += new }

  mutating func next() -> Finding? {
    while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
      var line = bytes[..<end]
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      let text = String(decoding: line, as: UTF8.self)
      bytes.removeSubrange(...end)
      guard text.utf8.count >= 3, let number = Int(text.prefix(3)), (200..<600).contains(number),
        code == nil || code == number
      else { return .unreadable }
      lines.append(String(text.dropFirst(4)))
      if text.dropFirst(3).first == "-" {
        code = number
      } else {
        defer {
          code = nil
          lines = []
        }
        return .reply(SMTPReply(code: number, lines: lines))
      }
    }
    return bytes.count > Self.mostBytes || lines.count > 1_000 ? .unreadable : nil
  }
}

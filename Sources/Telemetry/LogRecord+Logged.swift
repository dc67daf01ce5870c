import PeerProtocol

extension LogRecord {
  /// Longer texts are cut, as in the lines of the journal.
  private static let mostMessageBytes = 4 * 1_024
  private static let mostValueBytes = 1_024
  private static let mostValues = 32

  /// The record as the monitor gets it: rendered, redacted, within bounds.
  var logged: LoggedRecord {
    var context: [String: String] = [:]
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }).prefix(Self.mostValues) {
      context[Escaping.bare.escape(key, most: 64)] = Self.cut(
        Self.flatText(value), Self.mostValueBytes)
    }
    let level = LoggedRecord.Level(rawValue: LogLevel(of: level).rawValue) ?? .error
    return LoggedRecord(
      at: at, level: level, logger: worker, message: Self.cut(message, Self.mostMessageBytes),
      messageID: messageID, context: context)
  }

  private static func cut(_ text: String, _ most: Int) -> String {
    guard text.utf8.count > most else { return text }
    return String(decoding: text.utf8.prefix(most), as: UTF8.self) + "…"
  }
}

import RiskModel

/// One value as it counts, and where it comes from.
///
/// As JSON, the keys are an interface: they are only ever added.
package struct EffectiveValue: Hashable, Sendable, Codable {
  /// The file that the key belongs to, relative to the root.
  package var file: String
  /// The path of the key from the top of its file.
  package var key: String
  /// As it is written, or would be; of a secret only `set` or `not set`.
  package var value: String
  /// `config/config.yaml:12`, `.env:3`, `environment` or `default`.
  package var origin: String

  package init(file: String, key: String, value: String, origin: String) {
    self.file = file
    self.key = key
    self.value = value
    self.origin = origin
  }
}

/// The values that one reading of the configuration came to, by file and key.
struct EffectiveValues {
  private static let standard = "default"

  private struct Name: Hashable {
    var file: String
    var key: String
  }

  private var values: [Name: EffectiveValue] = [:]

  /// A value that is written somewhere; it may be said for a key of another place.
  mutating func record(_ text: String, of key: Place, from place: Place) {
    let origin = place.line.map { "\(place.file):\($0)" } ?? place.file
    values[Name(file: key.file, key: key.key)] = EffectiveValue(
      file: key.file, key: key.key, value: text, origin: origin)
  }

  mutating func recordStandard(_ text: String, of key: Place) {
    values[Name(file: key.file, key: key.key)] = EffectiveValue(
      file: key.file, key: key.key, value: text, origin: Self.standard)
  }

  /// Where two files have a key, the one that counts: what is set goes before a default, a variable
  /// before the files, and a file of its own before config.yaml.
  var counting: [EffectiveValue] {
    let own = [LoggingFile.name, MonitoringFile.name]
    var result = values
    for value in values.values where own.contains(value.file) {
      for other in values.values where other.key == value.key && !own.contains(other.file) {
        guard other.file != RiskFile.name, other.file != AccountsFile.name else { continue }
        let isVariable = other.origin != Self.standard && !other.origin.hasPrefix(other.file)
        let isOther =
          isVariable || (value.origin == Self.standard && other.origin != Self.standard)
        let loser = isOther ? value : other
        result[Name(file: loser.file, key: loser.key)] = nil
      }
    }
    return result.values.sorted { first, second in
      (first.file, Self.order(first.key)) < (second.file, Self.order(second.key))
    }
  }

  /// Numbers in brackets count as numbers: `accounts[2]` before `accounts[10]`.
  private static func order(_ key: String) -> String {
    key.split(separator: "[", omittingEmptySubsequences: false).map { part in
      let digits = part.prefix(while: \.isNumber)
      guard part.dropFirst(digits.count).hasPrefix("]") else { return String(part) }
      return String(repeating: "0", count: max(0, 6 - digits.count)) + part
    }.joined(separator: "[")
  }
}

/// A value as a file would have it.
enum ValueText {
  static func of<Value>(_ value: Value, _ form: ValueForm<Value>) -> String {
    if let url = value as? VenueEndpoint { return "\(url)" }
    if let text = value as? String { return withoutPath(text) }
    if let span = value as? TimeSpan {
      let isMilliseconds = form.right.contains("milliseconds")
      return "\(isMilliseconds ? span.milliseconds : span.nanos / Instant.nanosPerSecond)"
    }
    if let zone = value as? TimeZoneRule { return zone.identifier }
    if let word = value as? any RawRepresentable<String> { return word.rawValue }
    return "\(value)"
  }

  /// The address of a receiver of alerts carries what lets one in; its host says enough.
  private static func withoutPath(_ text: String) -> String {
    guard text.hasPrefix("http"), let colon = text.firstIndex(of: ":"),
      text[colon...].hasPrefix("://")
    else { return text }
    let host = text[colon...].dropFirst(3).prefix { $0 != "/" }
    return host.endIndex == text.endIndex ? text : String(text[..<host.endIndex]) + "/..."
  }
}

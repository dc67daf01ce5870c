/// Where a value of the configuration stands.
struct Place: Hashable {
  var file: String
  var line: Int?
  /// The path of the key from the top of its file.
  var key: String

  func child(_ name: String, line: Int? = nil) -> Place {
    Place(file: file, line: line ?? self.line, key: key.isEmpty ? name : "\(key).\(name)")
  }

  func element(_ index: Int, line: Int? = nil) -> Place {
    Place(file: file, line: line ?? self.line, key: "\(key)[\(index)]")
  }
}

/// What one reading of the configuration found.
///
/// Sets, because the block of a rule is read again for every account that overrides part of it.
final class Findings {
  private var problemSet: Set<ConfigurationProblem> = []
  private var noticeSet: Set<ConfigurationNotice> = []

  /// For people who ask what counts.
  var effective = EffectiveValues()

  var problems: [ConfigurationProblem] { problemSet.sorted() }
  var notices: [ConfigurationNotice] { noticeSet.sorted() }

  func problem(_ place: Place, _ message: String, _ suggestion: String) {
    problemSet.insert(
      ConfigurationProblem(
        file: place.file, line: place.line, key: place.key, message: message,
        suggestion: suggestion))
  }

  func notice(_ place: Place, _ message: String) {
    noticeSet.insert(
      ConfigurationNotice(file: place.file, line: place.line, key: place.key, message: message))
  }
}

/// One value as read: what counts, where it stands, and whether a check may rely on it.
struct Reading<Value> {
  /// The value of the text, or the default where the key is absent or wrong.
  var value: Value
  var place: Place
  /// False for a wrong value, which has been reported already.
  var isSound: Bool
  var isPresent: Bool

  func map<Other>(_ transform: (Value) -> Other) -> Reading<Other> {
    Reading<Other>(
      value: transform(value), place: place, isSound: isSound, isPresent: isPresent)
  }
}

// ROOT/release/state: what the release gate, which runs as root before each start of riskd, has
// decided. Lines "key=value"; a "#" as a line's first character makes it a comment, and keys that
// are not listed are ignored.
//
//   current      id of the release that the gate starts
//   state        trial, good or bad
//   tries        starts that a release on trial has left
//   activated    when it became the current one, in seconds since 1970
//   previous     id of the release to which the gate would go back; empty for none
//   rolled_back  1 when `current` is what the gate has gone back to, else 0
//   safe_mode    1 when the gate has given up choosing: every release has failed, else 0
//   reason       why the state is what it is, for people
//
// An id is the name of a folder of ROOT/releases: letters, digits, ".", "_", "-" and "+".

package import RiskModel

/// What the release gate has decided.
package struct GateState: Equatable, Sendable {
  package enum Standing: String, Sendable, Codable {
    case trial
    case good
    case bad
  }

  package var current: String
  package var standing: Standing
  package var triesLeft: Int
  package var activated: Instant
  package var previous: String?
  package var isRolledBack: Bool
  package var isSafeMode: Bool
  package var reason: String

  package init(
    current: String, standing: Standing, triesLeft: Int = 0, activated: Instant,
    previous: String? = nil, isRolledBack: Bool = false, isSafeMode: Bool = false,
    reason: String = ""
  ) {
    self.current = current
    self.standing = standing
    self.triesLeft = triesLeft
    self.activated = activated
    self.previous = previous
    self.isRolledBack = isRolledBack
    self.isSafeMode = isSafeMode
    self.reason = reason
  }

  /// Reads the file's text.
  package init(parsing text: String) throws(GateStateError) {
    let values = KeyedLines(text)
    current = try Self.release(values, "current")
    let word = try values.required("state")
    guard let standing = Standing(rawValue: word) else {
      throw .unreadable(key: "state", value: word)
    }
    self.standing = standing
    triesLeft = Int(try Self.number(values, "tries"))
    let seconds = try Self.number(values, "activated")
    guard seconds <= Self.latestSecond else {
      throw .unreadable(key: "activated", value: String(seconds))
    }
    activated = Instant(nanosSinceEpoch: seconds * Instant.nanosPerSecond)
    previous = values["previous"]?.isEmpty == false ? try Self.release(values, "previous") : nil
    isRolledBack = try Self.flag(values, "rolled_back")
    isSafeMode = try Self.flag(values, "safe_mode")
    reason = printable(values["reason"] ?? "", limit: 200)
  }

  /// The last second that an `Instant` can hold.
  private static let latestSecond = Int64.max / Instant.nanosPerSecond

  private static func release(
    _ values: KeyedLines, _ key: String
  ) throws(GateStateError) -> String {
    let text = try values.required(key)
    guard ReleaseName.isValid(text) else { throw .unreadable(key: key, value: text) }
    return text
  }

  private static func number(
    _ values: KeyedLines, _ key: String
  ) throws(GateStateError) -> Int64 {
    let text = try values.required(key)
    guard let number = Int64(text), number >= 0 else { throw .unreadable(key: key, value: text) }
    return number
  }

  private static func flag(_ values: KeyedLines, _ key: String) throws(GateStateError) -> Bool {
    switch try values.required(key) {
    case "0": return false
    case "1": return true
    case let text: throw .unreadable(key: key, value: text)
    }
  }
}

/// Why a state of the release gate is of no use.
package enum GateStateError: Error, Equatable, Sendable {
  case missing(key: String)
  case unreadable(key: String, value: String)
}

extension GateStateError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let key): "\(key) is missing"
    case .unreadable(let key, let value): "\(key) cannot be '\(printable(value, limit: 60))'"
    }
  }
}

/// The names of releases.
package enum ReleaseName {
  /// Whether the text can be the name of a folder of ROOT/releases: at most 64 characters, as in
  /// the scripts of operations.
  package static func isValid(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.first != "."
      && text.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII
          && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            || "._-+".unicodeScalars.contains(scalar))
      }
  }

  /// The release to which a program belongs, from its resolved path: the folder below the last
  /// `releases`; `nil` for a program that stands elsewhere.
  package static func containing(executable: String) -> String? {
    let folders = executable.split(separator: "/").dropLast()
    guard let index = folders.lastIndex(of: "releases"), index + 1 < folders.endIndex else {
      return nil
    }
    let name = String(folders[index + 1])
    return isValid(name) ? name : nil
  }
}

/// Lines "key=value"; of a key that comes twice the last one counts.
package struct KeyedLines: Equatable, Sendable {
  private var values: [String: String] = [:]

  package init(_ text: String) {
    for line in text.split(separator: "\n") where line.first != "#" {
      guard let border = line.firstIndex(of: "=") else { continue }
      values[String(line[..<border])] = String(line[line.index(after: border)...])
    }
  }

  package subscript(key: String) -> String? { values[key] }

  fileprivate func required(_ key: String) throws(GateStateError) -> String {
    guard let value = values[key] else { throw .missing(key: key) }
    return value
  }
}

// A line of a log file: one JSON object with the members
//
//   timestamp      ISO 8601, UTC, milliseconds
//   level          DEBUG, INFO, WARNING or ERROR
//   logger         the process that speaks
//   message
//   correlationId  what belongs together: the target, else the account; absent without either
//   messageId      the kind of the record, as in the journal; absent where it has none
//   context        everything else, as text by name
//
// or, with format `text`, "timestamp level logger: message  name=value name=value".

package import PeerProtocol
import RiskModel
import Supervision

/// The log files.
package enum LogFile: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  case daemon
  case enforcement
  case api
  case errors
  case alerts
}

/// Which records go to which file.
package struct LogBook: Equatable, Sendable {
  /// The least level of each file.
  package var levels: [LogFile: LoggedRecord.Level]
  package var isText: Bool

  package init(levels: [LogFile: LoggedRecord.Level], isText: Bool = false) {
    self.levels = levels
    self.isText = isText
  }

  /// The files of a record. Alerts are written by the monitor alone, whatever the level.
  package func files(of record: LoggedRecord) -> [LogFile] {
    var files: [LogFile] = [.daemon]
    if Self.isEnforcement(record) { files.append(.enforcement) }
    if Self.isAboutRequests(record) { files.append(.api) }
    files.append(.errors)
    return files.filter { record.level >= levels[$0] ?? .info }
  }

  private static let enforcement = Set(
    [
      MessageID.breach, .targetAdopted, .targetEnded, .enforcementStep, .targetProven,
      .targetFailing, .reentry, .enforcementAlert,
    ].map(\.rawValue))

  private static func isEnforcement(_ record: LoggedRecord) -> Bool {
    // A step is told twice, by the one who does it and by the one who is told of it.
    record.messageID.map(enforcement.contains) ?? false
  }

  /// The gateway is the session with the venue; the enforcer speaks of it outside of enforcement.
  private static func isAboutRequests(_ record: LoggedRecord) -> Bool {
    switch record.logger {
    case TelemetryName.gateway: true
    case TelemetryName.enforcer: !isEnforcement(record)
    default: false
    }
  }

  /// The line of a record, its newline included.
  package func line(_ record: LoggedRecord) -> [UInt8] {
    isText ? Self.textLine(record) : Self.jsonLine(record)
  }

  private static func jsonLine(_ record: LoggedRecord) -> [UInt8] {
    var members = [
      ("timestamp", JSONText.quoted(record.at.timestamp)),
      ("level", JSONText.quoted(record.level.rawValue)),
      ("logger", JSONText.quoted(record.logger)),
      ("message", JSONText.quoted(record.message)),
    ]
    if let correlation = correlation(of: record) {
      members.append(("correlationId", JSONText.quoted(correlation)))
    }
    if let id = record.messageID { members.append(("messageId", JSONText.quoted(id))) }
    let context = record.context.sorted { $0.key < $1.key }.map { ($0, JSONText.quoted($1)) }
    members.append(("context", JSONText.object(context)))
    return Array(JSONText.object(members).utf8) + [UInt8(ascii: "\n")]
  }

  private static func correlation(of record: LoggedRecord) -> String? {
    record.context["target"] ?? record.context["account"] ?? record.context["account_id"]
  }

  private static func textLine(_ record: LoggedRecord) -> [UInt8] {
    let level = record.level.rawValue
    let padding = String(repeating: " ", count: max(0, 7 - level.utf8.count))
    let context = record.context.sorted { $0.key < $1.key }.map { key, value in
      " \(plain(key))=\(value.contains(" ") ? JSONText.quoted(value) : plain(value))"
    }
    let separator = context.isEmpty ? "" : " "
    let line =
      "\(record.at.timestamp) \(level)\(padding) \(record.logger): \(plain(record.message))"
      + separator + context.joined() + "\n"
    return Array(line.utf8)
  }

  /// Nothing in a line may end it or move a cursor.
  private static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : scalar
        }))
  }
}

/// The processes as they name themselves in records.
enum TelemetryName {
  static let gateway = "gateway"
  static let enforcer = "enforcer"
  static let monitor = "monitor"
}

/// JSON, written by hand: the members keep their order.
enum JSONText {
  static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(quoted($0)):\($1)" }.joined(separator: ",") + "}"
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

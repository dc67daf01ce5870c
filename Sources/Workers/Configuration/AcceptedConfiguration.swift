// data/accepted/settings.json, mode 600, in a directory of mode 700: the settings that riskd
// accepted last, without secrets.
//
//   {"version":1,"acceptedAt":"2025-11-21T14:30:00.000Z","release":"1.2.3",
//     "root":"/opt/risk-manager","settings":{...}}

import FoundationEssentials
import Glibc
import RiskModel
import Settings
import Supervision
import SupervisorRole

/// What riskd runs with when the present configuration is not usable at a start.
struct AcceptedConfiguration: Codable {
  private static let version = 1
  private static let mostBytes = 4 * 1_024 * 1_024

  private var version = AcceptedConfiguration.version
  /// RFC 3339, UTC.
  private(set) var acceptedAt: String
  private var release: String
  /// Paths in the settings are absolute: in a copy of the root they would be those of the original.
  private var root: String
  private(set) var settings: RiskdSettings

  init(_ settings: RiskdSettings, root: String, at now: Instant) {
    self.root = root
    self.settings = settings
    // Whoever knows the URL may post: alerts do without it until the configuration is right again.
    self.settings.monitoring.alerts.webhook = nil
    acceptedAt = now.timestamp
    release = RiskdVersion.release
  }

  /// `nil` when none is kept for this root, or none that this release can read.
  static func load(root: String) -> AcceptedConfiguration? {
    guard let bytes = try? file(root).read(limit: mostBytes),
      let kept = try? JSONDecoder().decode(AcceptedConfiguration.self, from: Data(bytes)),
      kept.version == version, kept.root == root
    else { return nil }
    return kept
  }

  /// Keeps the settings in the place of the last ones. Not written again while they are the same.
  func keep() throws {
    if Self.load(root: root)?.settings == settings { return }
    for directory in ["data", "data/accepted"] { _ = mkdir("\(root)/\(directory)", 0o700) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try Self.file(root).replace(with: [UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")])
  }

  private static func file(_ root: String) -> RecordFile {
    RecordFile(path: root + "/data/accepted/settings.json", mode: 0o600)
  }
}

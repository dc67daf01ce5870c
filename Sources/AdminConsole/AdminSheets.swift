/// One account of accounts.yaml, for the list.
package struct AccountLine: Equatable, Sendable {
  package var id: Int64
  package var name: String
  package var nickname: String?
  package var isEnabled: Bool
  /// The keys of rules that differ for this account, `daily_realized_loss.loss_limit`.
  package var ownRules: [String]

  package init(
    id: Int64, name: String, nickname: String?, isEnabled: Bool, ownRules: [String] = []
  ) {
    self.id = id
    self.name = name
    self.nickname = nickname
    self.isEnabled = isEnabled
    self.ownRules = ownRules
  }

  package static func list(_ accounts: [AccountLine]) -> String {
    TableText.render(
      [["ACCOUNT", "NAME", "NICKNAME", "STATE", "OWN RULES"]]
        + accounts.map { account in
          [
            "\(account.id)", account.name, account.nickname ?? "-",
            account.isEnabled ? "active" : "paused",
            account.ownRules.isEmpty ? "-" : account.ownRules.joined(separator: ", "),
          ]
        })
  }
}

/// One thing that a test of the connections looked at.
package struct ConnectionLine: Equatable, Sendable {
  package var subject: String
  package var isGood: Bool
  package var milliseconds: Int64?
  package var detail: String

  package init(_ subject: String, isGood: Bool, milliseconds: Int64? = nil, _ detail: String) {
    self.subject = subject
    self.isGood = isGood
    self.milliseconds = milliseconds
    self.detail = detail
  }

  package static func table(_ lines: [ConnectionLine]) -> String {
    TableText.render(
      [["SUBJECT", "RESULT", "TIME", "DETAIL"]]
        + lines.map { line in
          [
            line.subject, line.isGood ? "ok" : "FAILED",
            line.milliseconds.map { "\($0) ms" } ?? "-", line.detail,
          ]
        }, right: [2])
  }
}

/// The service as the screen for its control shows it; what is `nil` is not known.
package struct ServiceSheet: Equatable, Sendable {
  package var unit: String
  package var state: String
  package var pid: Int32?
  package var uptimeSeconds: Int64?
  /// Of one processor, in thousandths.
  package var processorPerMille: Int64?
  package var memoryKiB: Int64?
  package var connections: [String] = []

  package init(unit: String, state: String) {
    self.unit = unit
    self.state = state
  }

  package var text: String {
    TableText.render(
      [
        ["Service", unit],
        ["State", state],
        ["PID", pid.map { "\($0)" } ?? "-"],
        ["Uptime", uptimeSeconds.map(Self.span) ?? "-"],
        ["CPU", processorPerMille.map { "\($0 / 10).\($0 % 10) %" } ?? "-"],
        ["Memory", memoryKiB.map { "\($0 / 1_024) MiB" } ?? "-"],
      ] + Self.rows("Connections", connections))
  }

  /// A row for each text; only the first one is named.
  static func rows(_ name: String, _ texts: [String]) -> [[String]] {
    texts.isEmpty
      ? [[name, "-"]] : texts.enumerated().map { [$0.offset == 0 ? name : "", $0.element] }
  }

  /// `2 d 03:04:05`.
  package static func span(_ seconds: Int64) -> String {
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map(two)
      .joined(separator: ":")
    let days = seconds / 86_400
    return days > 0 ? "\(days) d \(clock)" : clock
  }
}

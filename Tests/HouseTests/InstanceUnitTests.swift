import Testing

/// The units of another instance are those of the first under names of their own, so that none of
/// them is less hardened.
@Suite struct InstanceUnitTests {
  private static let names = [
    ("/etc/risk-manager", "/etc/risk-manager-%i"), ("/run/risk-manager", "/run/risk-manager-%i"),
    ("/var/lib/risk-manager", "/var/lib/risk-manager-%i"),
    ("/var/log/risk-manager", "/var/log/risk-manager-%i"),
    ("--root /opt/risk-manager", "--root /opt/risk-manager/instances/%i"),
    ("WorkingDirectory=/opt/risk-manager", "WorkingDirectory=/opt/risk-manager/instances/%i"),
    ("riskd-control.socket", "riskd-control@%i.socket"),
    ("riskd-trader.socket", "riskd-trader@%i.socket"),
    ("Service=riskd.service", "Service=riskd@%i.service"),
    ("Unit=riskd-escalate@riskd.service", "Unit=riskd-escalate@riskd-%i.service"),
    // Which release runs is decided by the first one alone.
    ("/opt/risk-manager/ops/release-gate", "/opt/risk-manager/ops/instance-gate %i"),
  ]
  private static let accounts = [
    "User=riskd", "Group=riskd", "SyslogIdentifier=riskd", "LogExtraFields=SERVICE=riskd",
  ]

  /// The settings of a unit, in their order.
  private func settings(_ unit: String) -> [String] {
    SourceTree.file("units/\(unit)").split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") && !$0.hasPrefix("Description=") }
  }

  @Test(arguments: [
    ("riskd.service", "riskd@.service"), ("riskd-control.socket", "riskd-control@.socket"),
    ("riskd-trader.socket", "riskd-trader@.socket"), ("riskd-alarm.path", "riskd-alarm@.path"),
  ])
  func `an instance has every setting of the first`(first: String, template: String) {
    let expected = settings(first).filter { !$0.hasPrefix("ExecStopPost=") }.map { line in
      let named = Self.names.reduce(line) { $0.replacing($1.0, with: $1.1) }
      return Self.accounts.contains(named) ? named + "-%i" : named
    }
    #expect(expected.count > 5)
    #expect(settings(template) == expected)
  }
}

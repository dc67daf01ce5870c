import Glibc
import RiskModel
package import SimulatedVenue

/// A root folder in which riskd watches a simulated venue; removed with everything in it.
///
/// The configuration is the shipped one except for the addresses, limits that only the benchmark's
/// own breaches reach, no limit of requests, and thresholds of supervision that a benchmark that
/// kills workers does not reach.
package final class BenchmarkRoot {
  package let path: String

  /// The contracts of one lot each that the rules allow, and above which a breach begins.
  package static let allowedContracts: Int64 = 2

  package init(
    for venue: SimulatedVenueServer, authorityFile: String? = nil, load: VenueLoad = VenueLoad()
  ) throws(BenchmarkError) {
    path = try SystemFile.temporaryFolder("riskbench")
    try makeFolder("config")
    try makeFolder("data")
    try makeFolder("logs")
    try makeFolder("run")
    try write("config/config.yaml", mainFile(venue, authorityFile))
    try write("config/risk_config.yaml", Self.rules(load))
    try write("config/accounts.yaml", accounts(venue))
    try write(".env", environment(venue))
  }

  package var controlSocket: String { path + "/run/control.sock" }
  package var database: String { path + "/data/risk_manager.db" }
  package var log: String { path + "/logs/riskd.log" }

  package func remove() {
    SystemFile.removeFolder(path)
  }

  private func makeFolder(_ name: String) throws(BenchmarkError) {
    guard mkdir("\(path)/\(name)", 0o700) == 0 else {
      throw .unwritable(path: "\(path)/\(name)", problem: errorText())
    }
  }

  private func write(_ name: String, _ text: String) throws(BenchmarkError) {
    try SystemFile.write(text, to: "\(path)/\(name)")
  }

  private func mainFile(_ venue: SimulatedVenueServer, _ authorityFile: String?) -> String {
    """
    api:
      baseUrl: "\(venue.baseURL)"
    \(authorityFile.map { "  caFile: \"\($0)\"" } ?? "")
    signalr:
      userHub:
        url: "\(venue.userHubURL)"
      marketHub:
        url: "\(venue.marketHubURL)"
    errorHandling:
      rateLimit:
        enabled: false
    supervision:
      crashDeaths: 1000
      crashDeathsAll: 1000
      markGoodAfterSeconds: 1
    development:
      devMode: true
      testing:
        useMockApi: true

    """
  }

  private func accounts(_ venue: SimulatedVenueServer) -> String {
    venue.configuration.accounts.reduce("accounts:\n") { text, account in
      text + "  - account_id: \(account.account.id)\n    name: \"\(account.account.name)\"\n"
    }
  }

  /// The simulator's own credentials, a key that nothing else uses, and a hash without a password.
  private func environment(_ venue: SimulatedVenueServer) -> String {
    let key = (0..<32).map { index in
      let byte = UInt8(truncatingIfNeeded: (index * index + 7) * 73 + index * 11)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    let hash = "$2b$12$" + String(repeating: "benchmark", count: 6).dropLast()
    return """
      TOPSTEPX_API_KEY=\(venue.configuration.key)
      TOPSTEPX_USERNAME=\(venue.configuration.user)
      TOKEN_ENCRYPTION_KEY=hex:\(key.joined())
      ADMIN_PASSWORD_HASH='\(hash)'

      """
  }

  /// Nothing but the benchmark's own breaches is a breach.
  private static func rules(_ load: VenueLoad) -> String {
    """
    global:
      strict_mode: false
    rules:
      max_contracts:
        enabled: true
        limit: \(10 + load.contracts)
        count_type: "net"
      max_contracts_per_instrument:
        enabled: true
        limits:
          MNQ: \(allowedContracts)
          MES: \(allowedContracts)
        enforcement: "close_all"
        unknown_symbol_action: "allow_unlimited"
      daily_realized_loss:
        enabled: true
        loss_limit: 1000000.00
        action: "CLOSE_ALL_AND_LOCKOUT"
        lockout_until: "daily_reset"
      daily_unrealized_loss:
        enabled: true
        loss_limit: 100000.00
        scope: "per_position"
        action: "CLOSE_POSITION"
      max_unrealized_profit:
        enabled: true
        mode: "profit_target"
        profit_target: 100000.00
        scope: "per_position"
      symbol_blocks:
        enabled: true
        blocked_symbols: ["RTY"]
        close_existing: true
      trade_frequency_limit:
        enabled: false
      cooldown_after_loss:
        enabled: false
      no_stop_loss_grace:
        enabled: false
      session_block_outside:
        enabled: false
      auth_loss_guard:
        enabled: false
      trade_management:
        enabled: false

    """
  }
}

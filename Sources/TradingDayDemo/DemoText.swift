import RiskModel
import SimulatedVenue

/// What the demonstration says in its own name.
enum DemoText {
  static let title = """
    riskd demo: a trading day in about a minute. Nothing in it is real: the venue is simulated on
    this machine, riskd is the real one.

      TRADER  what the trader does, and what comes of it    RULE   which rule fired, and why
      VENUE   what the simulated venue does                 RISKD  what riskd decides and sends
      FAULT   what this demonstration breaks on purpose     PROOF  shown by the venue's own answers

    The rules: at most 5 contracts in all, 2 MNQ, 3 MES, 1 NQ, 1 ES; RTY is blocked; a position is
    closed at an open loss of 300.00 or an open profit of 1000.00; a realized loss of 500.00 ends
    the trading day. They are in config/demo/risk_config.yaml. Account 1001, unless another is named.


    """

  /// What can be tried in another terminal.
  static func commands(riskd: String, root: String, venue: SimulatedVenueServer) -> String {
    let folder = riskd.lastIndex(of: "/").map { String(riskd[...$0]) } ?? ""
    let order = #"{"account":1001,"contract":"MNQ","side":"buy","size":1}"#
    return """

      Try in another terminal; Ctrl+C here ends everything:
        \(folder)riskctl status --root \(root)
        \(folder)riskctl history --root \(root)
        \(folder)riskctl restart evaluator --wait --root \(root)
        \(folder)riskctl replay verify --root \(root)
        curl -s -d '\(order)' \(venue.adminURL)/order


      """
  }

  static func summary(_ evidence: VenueEvidence) -> String {
    let accounts = evidence.states.map { state in
      state.isFlat
        ? "account \(state.account) is flat without a working order"
        : "account \(state.account) has \(Wording.counted(state.positions.count, "position")) and "
          + Wording.counted(state.workingOrders.count, "working order")
    }.joined(separator: ", ")
    let traders = evidence.trades.count { evidence.traderOrders.contains($0.order) }
    let doubled = evidence.doubledEffects.count
    let text = """
      At the venue: \(accounts). It executed \(traders) orders of the trader's and \
      \(evidence.trades.count - traders) closings by riskd, \
      \(doubled == 0 ? "none" : "\(doubled)") of which turned or enlarged a position. It received \
      \(evidence.requests) requests, \(evidence.changes) of them to change something.
      """
    return text.rows(of: StoryStyle.width).joined(separator: "\n") + "\n"
  }

  static func verdict(_ findings: [String]) -> String {
    guard !findings.isEmpty else {
      return "PASSED: every breach was seen, acted on and proven, and nothing was done twice.\n"
    }
    return "FAILED:\n"
      + findings.map { finding in
        finding.rows(of: StoryStyle.width - 4).enumerated().map { index, row in
          (index == 0 ? "  - " : "    ") + row + "\n"
        }.joined()
      }.joined()
  }

  static func fault(_ fault: Fault) -> String {
    switch fault.target {
    case .hub(let hub, .now, .reset): "resets the connection of the \(hub.rawValue) hub"
    case .hub(let hub, .now, .cut): "ends the connection of the \(hub.rawValue) hub"
    case .hub(let hub, .upgrade, .refuse(let status)):
      "refuses the next \(Wording.counted(fault.count ?? 0, "attempt")) to connect to the "
        + "\(hub.rawValue) hub (HTTP \(status))"
    case let target: "sets a fault: \(target)"
    }
  }
}

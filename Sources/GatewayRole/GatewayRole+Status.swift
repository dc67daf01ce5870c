import Logging
import PeerProtocol
import RiskModel

extension GatewayRole {
  /// What is being worked at and not there yet.
  private var missing: [String] {
    var missing: [String] = []
    if token.current == nil { missing.append("no session token") }
    for hub in hubs where !self[hub].isDelivering {
      missing.append("the \(hub.rawValue) hub is not connected")
    }
    if !hasReader { missing.append("no link to the evaluator") }
    for account in accounts {
      guard let desk = desks[account] else { continue }
      switch desk.standing {
      case .unverified: missing.append("account \(account) is not verified")
      case .watched where !desk.isKnown || desk.isToldUnknown:
        missing.append("the state of account \(account) is not known")
      case .watched, .unprotectable: break
      }
    }
    return missing
  }

  private var unprotectable: [String] {
    accounts.compactMap { account in
      guard case .unprotectable(let reason) = desks[account]?.standing else { return nil }
      return "account \(account) is not protected: \(reason)"
    }
  }

  func refreshStatus() {
    let missing = self.missing
    let next: GatewayStatus
    switch status {
    case .starting where !missing.isEmpty && !isStartupOver:
      return
    case .starting, .protecting, .degraded:
      let faults = missing + unprotectable
      next = faults.isEmpty ? .protecting : .degraded(faults)
    }
    guard next != status else { return }
    status = next
    ports.reports.statusChanged(next)
  }

  /// The time for a quiet start is over: from here on what is missing is a fault.
  func startupOver() {
    isStartupOver = true
    let missing = self.missing
    guard case .starting = status, !missing.isEmpty else { return }
    raise(.notProtecting(missing: missing))
  }
}

import RiskModel
import RiskTestKit
import SimulatedVenue

extension RiskdStage {
  static let account = Sample.account
  static let otherAccount = Sample.otherAccount
  /// Listed by the venue but not in riskd's accounts.
  static let foreignAccount = AccountID(1003)

  static let startMNQ = Price.at("21000")

  /// Moves a market in steps too small to look absurd.
  func move(_ contract: ContractID, to target: Price, steps: Int64 = 10) throws {
    let start = venue.perform { $0.markets[contract]?.last } ?? target
    let tick = venue.perform { $0.contracts[contract]?.specification.tickSize.nanos } ?? 1
    for step in 1...steps {
      let ticks = (target.nanos - start.nanos) / tick * step / steps
      try venue.setPrice(contract, last: Price(nanos: start.nanos + ticks * tick))
    }
    try venue.setPrice(contract, last: target)
  }

  /// The trader buys MNQ and sells it that many points lower, two dollars each, before anybody sees
  /// the price.
  func realizeLoss(of points: Int64, contracts: Int64 = 2, _ account: AccountID) throws {
    try venue.perform { exchange in
      let contract = Sample.mnq
      let low = Price(nanos: RiskdStage.startMNQ.nanos - points * 1_000_000_000)
      try exchange.setPrice(contract, last: RiskdStage.startMNQ)
      _ = try exchange.place(
        OrderTicket(
          account: account, contract: contract, type: .market, side: .buy, size: contracts),
        from: .platform)
      try exchange.setPrice(contract, last: low)
      _ = try exchange.place(
        OrderTicket(
          account: account, contract: contract, type: .market, side: .sell, size: contracts),
        from: .platform)
    }
    try venue.setPrice(Sample.mnq, last: RiskdStage.startMNQ)
  }

  /// The account loses more than its day's limit and is locked out.
  func lockOut(_ account: AccountID = RiskdStage.account) throws {
    try realizeLoss(of: 150, account)
    try wait(for: "the lockout of \(account)") {
      try openTargets(account).contains { $0.isLockout && $0.goal == .flatAccount }
    }
  }
}

import RiskModel
import SimulatedVenue

@testable import TradingDayDemo

/// Values that several suites use.
enum Sample {
  static let account = AccountID(1_001)
  static let other = AccountID(1_002)
  static let mnq = ContractID("CON.F.US.MNQ.Z26")
  static let mes = ContractID("CON.F.US.MES.Z26")
  static let es = ContractID("CON.F.US.EP.Z26")
  static let rty = ContractID("CON.F.US.RTY.Z26")
  static let instant = Instant(secondsSinceEpoch: 1_795_000_000)

  static func moment(milliseconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanos: milliseconds * 1_000_000)
  }

  static func position(_ contract: ContractID, _ size: Int64) -> Position {
    Position(
      id: 1, account: account, contract: contract, openedAt: instant, signedSize: size,
      averagePrice: Price(points: 21_000))
  }

  static func order(_ number: Int64, _ contract: ContractID = mnq) -> Order {
    Order(
      id: OrderID(number), account: account, contract: contract, createdAt: instant,
      status: .open, type: .stop, side: .sell, size: 2, stopPrice: Price(points: 20_850))
  }

  static func trade(
    _ number: Int64, _ side: Side, _ size: Int64, order: Int64, account: AccountID = account,
    contract: ContractID = mnq
  ) -> Trade {
    Trade(
      id: TradeID(number), account: account, contract: contract, executedAt: instant,
      price: Price(points: 21_000), profit: nil, fees: .zero, side: side, size: size,
      order: OrderID(order))
  }

  static func decision(
    _ target: String = "12-0", _ goal: DecidedGoal = .atMost(2, mnq), until: String = "proven",
    account: AccountID = account
  ) -> LogNews {
    .adopted(LogNews.Decision(target: target, account: account, goal: goal, until: until))
  }

  static func breach(
    _ rule: RuleID = .maxContractsPerInstrument, target: String = "12-0"
  ) -> LogNews {
    .breach(account, rule, sentence: "You hold 3 MNQ; the limit for MNQ is 2.", target: target)
  }

  static func step(
    _ action: String, target: String = "12-0", outcome: String = "accepted",
    reaction: Int64? = nil
  ) -> LogNews {
    .step(
      LogNews.Step(
        target: target, account: account, action: action, outcome: outcome,
        reactionMicroseconds: reaction))
  }

  static func proven(_ target: String = "12-0", requests: Int = 1) -> LogNews {
    .proven(target: target, requests: requests, milliseconds: 131)
  }
}

extension IncidentBook {
  /// Takes lines in the course of a chapter; the venue confirms what is proven.
  init(_ chapter: Chapter?, _ news: [LogNews], isConfirmed: Bool? = true) {
    self.init()
    add(chapter, news, isConfirmed: isConfirmed)
  }

  mutating func add(_ chapter: Chapter?, _ news: [LogNews], isConfirmed: Bool? = true) {
    self.chapter = chapter
    for each in news { take(each) { _ in isConfirmed } }
  }
}

extension StoryLine {
  /// `RULE    text`, or the heading or remark alone.
  var plain: String {
    switch content {
    case .said(let speaker, let text): speaker.rawValue.padded(to: 8) + text
    case .heading(let text), .remark(let text): text
    }
  }
}

/// Where the sources of this package are.
enum SourceFolder {
  static func path(_ name: String) -> String {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return parts.reduce("") { $0 + "/" + $1 } + "/" + name
  }
}

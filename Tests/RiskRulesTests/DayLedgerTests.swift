import RiskModel
import Testing

@testable import RiskRules

@Suite struct DayLedgerTests {
  private let date = CivilDate(year: 2026, month: 8, day: 19)

  private func trade(_ id: Int64, profit: Int64?, voided: Bool = false) -> Trade {
    Trade(
      id: TradeID(id), account: AccountID(1), contract: ContractID("CON.F.US.MNQ.U26"),
      executedAt: Instant(secondsSinceEpoch: 1_787_150_000), price: Price(points: 1),
      profit: profit.map { Money(dollars: $0) }, fees: Money(dollars: 1), side: .sell, size: 1,
      isVoided: voided, order: OrderID(id))
  }

  @Test func aTradeCountsOnceAndIsTakenBackOnce() {
    var ledger = DayLedger(tradingDate: date)
    let isChange = [false, false, true, true, false].map {
      ledger.record(trade(1, profit: -50, voided: $0), on: date)
    }
    #expect(isChange == [true, false, true, false, false])
    #expect(ledger.realized == .zero && ledger.costs == .zero)
  }

  @Test func theVenueMayGiveATradeAnotherResult() {
    var ledger = DayLedger(tradingDate: date)
    let isChange = [nil, -50, -50, nil, -60].map {
      ledger.record(trade(1, profit: $0), on: date)
    }
    #expect(isChange == [true, true, false, false, true])
    #expect(ledger.realized == Money(dollars: -60) && ledger.costs == Money(dollars: 1))
  }

  @Test(
    arguments: [
      // Fees and commissions as they are told, one after the other, and what they come to.
      ([(0, 0), (1, 0)], 1), ([(0, 0), (1, 2)], 3), ([(1, 2), (0, 0)], 3), ([(1, 0), (0, 2)], 3),
      ([(1, 2), (1, 0)], 3), ([(1, 0), (2, 0)], 2),
    ] as [([(Int64, Int64)], Int64)])
  func feesMayComeLaterThanTheirTrade(told: [(Int64, Int64)], costs: Int64) {
    var ledger = DayLedger(tradingDate: date)
    for (fees, commissions) in told {
      var trade = trade(1, profit: -50)
      trade.fees = Money(dollars: fees)
      trade.commissions = Money(dollars: commissions)
      _ = ledger.record(trade, on: date)
    }
    #expect(ledger.costs == Money(dollars: costs))
    #expect(ledger.realized == Money(dollars: -50))
    #expect(ledger.result(withFees: true) == Money(dollars: -50 - costs))
    // Told again it changes nothing; taken back it counts for nothing.
    var last = trade(1, profit: nil, voided: true)
    last.fees = .zero
    let isTaken = ledger.record(last, on: date)
    #expect(isTaken)
    #expect(ledger.costs == .zero && ledger.realized == .zero)
  }

  @Test func aTradeThatComesVoidedCountsForNothing() {
    var ledger = DayLedger(tradingDate: date)
    let isChange = [true, false].map { ledger.record(trade(1, profit: -50, voided: $0), on: date) }
    #expect(isChange == [false, false])
    #expect(ledger.realized == .zero)
  }
}

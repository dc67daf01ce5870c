package import RiskModel

/// Contracts, accounts and moments that tests share. Tick data is that of the venue's catalogue.
package enum Sample {
  package static let account = AccountID(1001)
  package static let otherAccount = AccountID(1002)

  package static let mnq = ContractID("CON.F.US.MNQ.Z26")
  package static let mnqNext = ContractID("CON.F.US.MNQ.H27")
  package static let es = ContractID("CON.F.US.EP.Z26")
  package static let nq = ContractID("CON.F.US.ENQ.Z26")
  package static let mes = ContractID("CON.F.US.MES.Z26")
  package static let rty = ContractID("CON.F.US.RTY.Z26")
  package static let m2k = ContractID("CON.F.US.M2K.Z26")

  package static let contracts: [ContractSpecification] = [
    contract(mnq, tick: 250_000_000, value: 500_000),
    contract(mnqNext, tick: 250_000_000, value: 500_000),
    contract(es, tick: 250_000_000, value: 12_500_000),
    contract(nq, tick: 250_000_000, value: 5_000_000),
    contract(mes, tick: 250_000_000, value: 1_250_000),
    contract(rty, tick: 100_000_000, value: 5_000_000),
    contract(m2k, tick: 100_000_000, value: 500_000),
  ]

  /// Wednesday 2026-11-18, 10:00 in Chicago.
  package static let morning = Instant(secondsSinceEpoch: 1_795_017_600)

  private static func contract(
    _ id: ContractID, tick: Int64, value: Int64
  ) -> ContractSpecification {
    ContractSpecification(
      id: id, name: id.root.text + "Z6", tickSize: Price(nanos: tick),
      tickValue: Money(micros: value))
  }
}

extension Price {
  /// A price from its decimal text; for literals in tests.
  package static func at(_ text: String) -> Price {
    guard let decimal = ExactDecimal(text), let price = Price(exactly: decimal) else {
      preconditionFailure("Condition failed: \(text) is a price")
    }
    return price
  }
}

extension Money {
  /// An amount from its decimal text; for literals in tests.
  package static func of(_ text: String) -> Money {
    guard let decimal = ExactDecimal(text), let money = Money(exactly: decimal) else {
      preconditionFailure("Condition failed: \(text) is an amount")
    }
    return money
  }
}

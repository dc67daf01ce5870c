package import RiskModel

/// A contract that the simulated venue lists, with what trading it costs.
package struct ListedContract: Equatable, Sendable {
  package var specification: ContractSpecification
  /// The venue's name of the product, `F.US.MNQ`.
  package var symbolID: String
  /// The name on position rows, `MNQZ26`.
  package var displayName: String
  /// What the venue writes for people.
  package var details: String
  /// An expired month still resolves by its id but cannot be traded (observed live).
  package var isActive: Bool
  /// Exchange fees of one contract and side.
  package var feesPerSide: Money
  /// Commission of one contract and side.
  package var commissionPerSide: Money
  /// The price at which its market starts when nothing else is asked for.
  package var startPrice: Price

  package init(
    specification: ContractSpecification, symbolID: String, displayName: String, details: String,
    isActive: Bool = true, feesPerSide: Money, commissionPerSide: Money, startPrice: Price
  ) {
    self.specification = specification
    self.symbolID = symbolID
    self.displayName = displayName
    self.details = details
    self.isActive = isActive
    self.feesPerSide = feesPerSide
    self.commissionPerSide = commissionPerSide
    self.startPrice = startPrice
  }

  package var id: ContractID { specification.id }

  func isOnTick(_ price: Price) -> Bool {
    price.nanos % specification.tickSize.nanos == 0
  }

  /// Ticks, rounded towards zero, between two prices.
  func wholeTicks(from start: Price, to end: Price) -> Int64 {
    (end.nanos - start.nanos) / specification.tickSize.nanos
  }

  func price(_ start: Price, plusTicks ticks: Int64) -> Price {
    Price(nanos: start.nanos + ticks * specification.tickSize.nanos)
  }

  /// Gross profit of closing, to the nearest micro-dollar.
  ///
  /// An average that is off tick is a rounded number; rounding to nearest gives the amount that the
  /// exact average would give.
  func grossProfit(entry: Price, exit: Price, signedSize: Int64) -> Money {
    let numerator =
      Int128(exit.nanos - entry.nanos) * Int128(signedSize)
      * Int128(specification.tickValue.micros)
    return Money(
      micros: quotientToNearest(numerator, divisor: Int128(specification.tickSize.nanos)))
  }
}

/// The quotient rounded half away from zero; `divisor` is positive.
func quotientToNearest(_ numerator: Int128, divisor: Int128) -> Int64 {
  let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: divisor)
  let roundsAway = remainder.magnitude * 2 >= divisor.magnitude
  return Int64(quotient + (roundsAway ? Int128(numerator.signum()) : 0))
}

/// One line of the catalogue; the texts are decimal numbers of points and dollars.
private struct CatalogueLine {
  var root: String
  var exchangeRoot: String
  var month = "Z26"
  var isActive = true
  var tick: String
  var value: String
  var fees: String
  var commission: String
  var start: String
  var details: String

  var contract: ListedContract {
    let symbolID = "F.US.\(root)"
    let id = ContractID("CON.\(symbolID).\(month)")
    return ListedContract(
      specification: ContractSpecification(
        id: id, name: exchangeRoot + month.prefix(1) + month.suffix(1), tickSize: price(tick),
        tickValue: money(value)),
      symbolID: symbolID, displayName: exchangeRoot + month,
      details: "\(details): \(month)", isActive: isActive, feesPerSide: money(fees),
      commissionPerSide: money(commission), startPrice: price(start))
  }

  private func price(_ text: String) -> Price {
    guard let price = ExactDecimal(text).flatMap(Price.init(exactly:)) else {
      preconditionFailure("Invariant: the catalogue's price \(text) is a decimal number")
    }
    return price
  }

  private func money(_ text: String) -> Money {
    guard let money = ExactDecimal(text).flatMap(Money.init(exactly:)) else {
      preconditionFailure("Invariant: the catalogue's amount \(text) is a decimal number")
    }
    return money
  }
}

extension ListedContract {
  /// The contracts that ship with the simulated venue.
  ///
  /// Ticks and tick values are those of the venue's catalogue (observed live, 2026-08), as are the
  /// costs of MNQ; the other costs are of the right size only. The last line is an expired month.
  package static let catalogue: [ListedContract] = [
    CatalogueLine(
      root: "MNQ", exchangeRoot: "MNQ", tick: "0.25", value: "0.5", fees: "0.36",
      commission: "0.25", start: "21000", details: "Micro E-mini Nasdaq-100"),
    CatalogueLine(
      root: "MES", exchangeRoot: "MES", tick: "0.25", value: "1.25", fees: "0.36",
      commission: "0.25", start: "6000", details: "Micro E-mini S&P 500"),
    CatalogueLine(
      root: "ENQ", exchangeRoot: "NQ", tick: "0.25", value: "5", fees: "1.39",
      commission: "0.5", start: "21000", details: "E-mini Nasdaq-100"),
    CatalogueLine(
      root: "EP", exchangeRoot: "ES", tick: "0.25", value: "12.5", fees: "1.39",
      commission: "0.5", start: "6000", details: "E-mini S&P 500"),
    CatalogueLine(
      root: "RTY", exchangeRoot: "RTY", tick: "0.1", value: "5", fees: "1.39",
      commission: "0.5", start: "2400", details: "E-mini Russell 2000"),
    CatalogueLine(
      root: "M2K", exchangeRoot: "M2K", tick: "0.1", value: "0.5", fees: "0.36",
      commission: "0.25", start: "2400", details: "Micro E-mini Russell 2000"),
    CatalogueLine(
      root: "CLE", exchangeRoot: "CL", tick: "0.01", value: "10", fees: "1.51",
      commission: "0.5", start: "70", details: "Crude Oil"),
    CatalogueLine(
      root: "GCE", exchangeRoot: "GC", tick: "0.1", value: "10", fees: "1.61",
      commission: "0.5", start: "2700", details: "Gold"),
    CatalogueLine(
      root: "MNQ", exchangeRoot: "MNQ", month: "U26", isActive: false, tick: "0.25", value: "0.5",
      fees: "0.36", commission: "0.25", start: "20900", details: "Micro E-mini Nasdaq-100"),
  ].map(\.contract)
}

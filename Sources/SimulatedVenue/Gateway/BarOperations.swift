import RiskModel

// `History/retrieveBars`: newest first, at most `limit` bars and of them the most recent, `t` is the
// time at which a bar begins, spans without trades have no bar (documented). A request with
// `includePartialBar: false` leaves the bar of the present out.

/// Codes of `History/retrieveBars` (documented).
private enum BarCode: Int {
  case contractNotFound = 1
  case unitInvalid = 2
  case unitNumberInvalid = 3
  case limitInvalid = 4
}

private let barLimits: ClosedRange<Int64> = 1...20_000
/// Larger numbers of units than any chart has are refused before they overflow.
private let unitNumbers: ClosedRange<Int64> = 1...100_000

extension GatewayDesk {
  func retrieveBars(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let contract = try body.contract()
    _ = try body.boolean("live")
    let start = try body.instant("startTime")
    let end = try body.instant("endTime")
    let unit = BarSpan.Unit(rawValue: Int(clamping: try body.integer("unit")))
    let count = try body.integer("unitNumber")
    let limit = try body.integer("limit")
    let includesPartial = try body.boolean("includePartialBar")
    guard floor.exchange.contracts[contract] != nil else { return refused(.contractNotFound) }
    guard let unit else { return refused(.unitInvalid) }
    guard unitNumbers.contains(count) else { return refused(.unitNumberInvalid) }
    guard barLimits.contains(limit) else { return refused(.limitInvalid) }
    let span = BarSpan(unit: unit, count: count)
    let present = span.start(of: floor.clock.now())
    let bars = (floor.exchange.bars(contract, of: span, from: start, through: end) ?? [])
      .filter { includesPartial || $0.openedAt < present }
    let style = floor.restStyle
    return .success([
      "bars": .array(bars.suffix(Int(limit)).reversed().map { style.bar($0) })
    ])
  }

  private func refused(_ code: BarCode) -> GatewayAnswer {
    .refused(code.rawValue, nil, ["bars": .null])
  }
}

extension WireStyle {
  fileprivate func bar(_ bar: PriceBar) -> JSONValue {
    .object([
      "t": .string(bar.openedAt.venueText(.seconds, form)), "o": price(bar.open),
      "h": price(bar.high), "l": price(bar.low), "c": price(bar.close),
      "v": .integer(bar.volume),
    ])
  }
}

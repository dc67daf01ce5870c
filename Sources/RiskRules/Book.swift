package import RiskModel

/// The prices of one contract as far as they are believed.
///
/// One print far from the last mark does not act alone: it is held until a second one confirms it,
/// bid and ask agree with it, or the wait of the filter is over. A real gap therefore acts within
/// that wait, and a single absurd print does not act at all.
package struct Book: Equatable, Sendable, Codable {
  package var last: Price?
  package var bid: Price?
  package var ask: Price?
  /// At most one held print a field.
  package var held: [HeldPrint] = []

  package struct HeldPrint: Equatable, Sendable, Codable {
    package var field: Mark.Field
    package var price: Price
    /// Set by the first far print; later ones do not move it.
    package var until: Instant
  }

  package init() {}

  /// The price at which a position of this sign is valued, or `nil` when nothing is known.
  package func mark(_ method: MarkPrice, signedSize: Int64) -> Price? {
    let mid: Price? = if let bid, let ask { Price.midpoint(bid, ask) } else { nil }
    switch method {
    case .last: return last ?? mid
    case .mid: return mid ?? last
    case .conservative: return (signedSize > 0 ? bid : ask) ?? last ?? mid
    }
  }

  package subscript(field: Mark.Field) -> Price? {
    get {
      switch field {
      case .last: last
      case .bid: bid
      case .ask: ask
      }
    }
    set {
      switch field {
      case .last: last = newValue
      case .bid: bid = newValue
      case .ask: ask = newValue
      }
    }
  }

  enum Reception: Equatable {
    case accepted
    case held
  }

  /// Takes one price in.
  mutating func receive(
    _ mark: Mark, at now: Instant, tick: Price?, filter: AbsurdPrintFilter
  ) -> Reception {
    let earlier = held.first { $0.field == mark.field }
    held.removeAll { $0.field == mark.field }
    let isConfirmed =
      earlier.map { !filter.isFar(mark.price, from: $0.price, tick: tick) } ?? false
    guard isAbsurd(mark, tick: tick, filter: filter), !isConfirmed else {
      self[mark.field] = mark.price
      return .accepted
    }
    held.append(
      HeldPrint(field: mark.field, price: mark.price, until: earlier?.until ?? now + filter.wait))
    return .held
  }

  /// Believes the held prints whose wait is over.
  mutating func releaseHeld(at now: Instant) -> Bool {
    let due = held.filter { now >= $0.until }
    for item in due { self[item.field] = item.price }
    held.removeAll { now >= $0.until }
    return !due.isEmpty
  }

  private func isAbsurd(_ mark: Mark, tick: Price?, filter: AbsurdPrintFilter) -> Bool {
    guard let known = self[mark.field], filter.isFar(mark.price, from: known, tick: tick) else {
      return false
    }
    guard mark.field == .last, let bid = newest(.bid), let ask = newest(.ask) else { return true }
    let slack = filter.reach(at: mark.price, tick: tick)
    return mark.price.nanos < bid.nanos - slack || mark.price.nanos > ask.nanos + slack
  }

  private func newest(_ field: Mark.Field) -> Price? {
    held.first { $0.field == field }?.price ?? self[field]
  }
}

extension AbsurdPrintFilter {
  /// The distance beyond which a price is far, in nano-units: the larger of the two bounds.
  func reach(at price: Price, tick: Price?) -> Int64 {
    let byTicks = (tick?.nanos ?? 0) * ticks
    let byShare = Int64(Int128(price.nanos.magnitude) * Int128(perMille) / 1_000)
    return max(byTicks, byShare)
  }

  func isFar(_ price: Price, from known: Price, tick: Price?) -> Bool {
    Int64((price.nanos - known.nanos).magnitude) > reach(at: known, tick: tick)
  }
}

extension Book {
  func isHolding(_ field: Mark.Field) -> Bool { held.contains { $0.field == field } }
}

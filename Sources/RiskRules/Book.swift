package import RiskModel

/// The prices of one contract as far as they are believed.
///
/// One print far from the last mark does not act alone: it is held until a second one confirms it,
/// bid and ask agree with it, or the wait of the filter is over. A real gap therefore acts within
/// that wait. An absurd print does not act at all: another one follows it, or a bid or an ask that
/// came after it says at the end of the wait that nobody trades there.
///
/// A last price at which nobody trades any more says little about what a position is worth: once bid
/// and ask, some seconds later, are both above it or both below, the nearer of them counts.
package struct Book: Equatable, Sendable, Codable {
  package var last: Price?
  package var bid: Price?
  package var ask: Price?
  /// At most one held print a field.
  package var held: [HeldPrint] = []
  /// When the last price last changed; `nil` in the state of a release that did not keep it.
  var lastAt: Instant?
  /// Whether bid and ask were told again after the last price had been the same for a while. The
  /// order of what was told counts, since clocks may be set.
  var isBidLater: Bool?
  var isAskLater: Bool?
  /// When bid and ask were last told.
  var bidAt: Instant?
  var askAt: Instant?
  /// The last price that bid and ask refuted; a message that only repeats it is no other print.
  package var refuted: Price?

  package struct HeldPrint: Equatable, Sendable, Codable {
    package var field: Mark.Field
    package var price: Price
    /// Set by the first far print; later ones do not move it.
    package var until: Instant
    /// When this print came; `nil` in the state of a release that did not keep it.
    var since: Instant?
  }

  package init() {}

  /// The price at which a position of this sign is valued, or `nil` when nothing is known.
  package func mark(_ method: MarkPrice, signedSize: Int64) -> Price? {
    let mid: Price? = if let bid, let ask { Price.midpoint(bid, ask) } else { nil }
    switch method {
    case .last: return isLastLeft ? last.map(within) : last ?? mid
    case .mid: return mid ?? last
    case .conservative: return (signedSize > 0 ? bid : ask) ?? last ?? mid
    }
  }

  /// For how long bid and ask may differ from the last price before they count instead.
  static let patience = TimeSpan.seconds(5)

  /// Whether bid and ask, told long enough after the last price came, are beside it.
  var isLastLeft: Bool {
    guard let last, let bid, let ask, isBidLater == true, isAskLater == true, bid <= ask,
      !isHolding(.bid), !isHolding(.ask)
    else { return false }
    return last < bid || last > ask
  }

  private func within(_ price: Price) -> Price {
    guard let bid, let ask else { return price }
    return price < bid ? bid : min(price, ask)
  }

  /// Whether the last price has been the same for a while.
  func isSilent(at now: Instant) -> Bool { lastAt.map { now - $0 >= Book.patience } ?? false }

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
    // A clock that was set back must not make the wait longer.
    if let at = lastAt, now < at { lastAt = now }
    switch mark.field {
    case .last: refuted = nil
    case .bid: bidAt = now
    case .ask: askAt = now
    }
    let earlier = held.first { $0.field == mark.field }
    held.removeAll { $0.field == mark.field }
    let isConfirmed =
      earlier.map { !filter.isFar(mark.price, from: $0.price, tick: tick) } ?? false
    guard isAbsurd(mark, tick: tick, filter: filter), !isConfirmed else {
      take(mark.price, as: mark.field, at: now)
      _ = believesHeldPrint(tick: tick, filter: filter)
      return .accepted
    }
    held.append(
      HeldPrint(
        field: mark.field, price: mark.price, until: earlier?.until ?? now + filter.wait, since: now
      ))
    return believesHeldPrint(tick: tick, filter: filter) ? .accepted : .held
  }

  private mutating func take(_ price: Price, as field: Mark.Field, at moment: Instant) {
    switch field {
    case .last where price != last:
      lastAt = moment
      isBidLater = nil
      isAskLater = nil
    case .last: break
    case .bid: isBidLater = isSilent(at: moment)
    case .ask: isAskLater = isSilent(at: moment)
    }
    self[field] = price
  }

  /// Believes a held last price around which bid and ask have come since.
  private mutating func believesHeldPrint(tick: Price?, filter: AbsurdPrintFilter) -> Bool {
    guard let print = held.first(where: { $0.field == .last }), let since = print.since,
      let bidAt, let askAt, bidAt > since, askAt > since,
      !isRefuted(print, tick: tick, filter: filter)
    else { return false }
    take(print.price, as: .last, at: since)
    held.removeAll { $0.field == .last }
    return true
  }

  /// Believes the held prints whose wait is over, but not those that bid and ask refute.
  mutating func releaseHeld(at now: Instant, tick: Price?, filter: AbsurdPrintFilter) -> Bool {
    var isBelieved = false
    for item in held where now >= item.until {
      if isRefuted(item, tick: tick, filter: filter) {
        refuted = item.price
      } else {
        take(item.price, as: item.field, at: item.since ?? now)
        isBelieved = true
      }
    }
    held.removeAll { now >= $0.until }
    return isBelieved
  }

  /// Whether a bid above a held last price, or an ask below it, came after it.
  private func isRefuted(
    _ print: HeldPrint, tick: Price?, filter: AbsurdPrintFilter
  ) -> Bool {
    guard print.field == .last, let since = print.since else { return false }
    let slack = filter.reach(at: print.price, tick: tick)
    if let bidAt, bidAt > since, let bid = newest(.bid), print.price.nanos < bid.nanos - slack {
      return true
    }
    guard let askAt, askAt > since, let ask = newest(.ask) else { return false }
    return print.price.nanos > ask.nanos + slack
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

  /// Whether bid and ask of a quote are around its last price, or near it.
  func agrees(_ quote: Quote, tick: Price?) -> Bool {
    guard let last = quote.last, let bid = quote.bid, let ask = quote.ask else { return false }
    let slack = reach(at: last, tick: tick)
    return last.nanos >= bid.nanos - slack && last.nanos <= ask.nanos + slack
  }

  func isFar(_ price: Price, from known: Price, tick: Price?) -> Bool {
    Int64((price.nanos - known.nanos).magnitude) > reach(at: known, tick: tick)
  }
}

extension Book {
  func isHolding(_ field: Mark.Field) -> Bool { held.contains { $0.field == field } }
}

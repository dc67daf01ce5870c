import RiskModel

// `market_hours` of holidays.yaml: when quotes are to be expected.
extension Section {
  func marketHours() -> (week: MarketHours.Session, products: [SymbolRoot: MarketHours.Session]) {
    let standard = MarketHours.standard
    let week =
      session(standard.open, standard.close)
      ?? MarketHours.Session(open: standard.open, close: standard.close)
    var products: [SymbolRoot: MarketHours.Session] = [:]
    section("instruments") { symbols in
      for (name, entry) in symbols.allEntries.prefix(Section.mostElements) {
        symbols.section(name) { part in
          let own = part.session()
          guard let root = symbols.symbol(name, at: entry.place), let own else { return }
          if products.updateValue(own, forKey: root) != nil {
            findings.problem(
              entry.place, "\(root) is there already by its other name", "keep one of the two")
          }
        }
      }
    }
    return (week, products)
  }

  /// `nil`, with a problem, where that is no session. Without standards both times are needed.
  private func session(
    _ standardOpen: TimeOfDay? = nil, _ standardClose: TimeOfDay? = nil
  ) -> MarketHours.Session? {
    let isRequired = standardOpen == nil
    let open = required("open", .timeOfDay, if: isRequired)
    let close = required("close", .timeOfDay, if: isRequired)
    guard let first = open.value ?? standardOpen, let last = close.value ?? standardClose else {
      return nil
    }
    guard first != last else {
      findings.problem(close.place, "is the time of the opening as well", "write another time")
      return nil
    }
    return MarketHours.Session(open: first, close: last)
  }
}

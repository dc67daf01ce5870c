/// What holds the enforcement back from doing harm.
///
/// All of it holds, always. Each has a name so that a test can take it away from a controller and
/// show that it is missed; only tests of this module see that there is something to take away.
struct Safeguards: OptionSet, Sendable {
  let rawValue: UInt8

  /// An exit order at the market is a close under way, whoever sent it.
  static let closingOrders = Safeguards(rawValue: 1)
  /// A target is proven by the venue's answers alone.
  static let proofOfFlat = Safeguards(rawValue: 2)
  /// A reduction waits for two reads that agree, and for a look at what the one before did.
  static let settledReductions = Safeguards(rawValue: 4)
  /// A one-shot target ends with the positions that it is about.
  static let episodeEnd = Safeguards(rawValue: 8)
  /// The evaluator names those positions, for an enforcer that did not see them.
  static let episodesHandedOver = Safeguards(rawValue: 16)
  /// An order opens something only if the position is known as of no earlier than the order.
  static let judgedOrders = Safeguards(rawValue: 32)

  static let all: Safeguards = [
    .closingOrders, .proofOfFlat, .settledReductions, .episodeEnd, .episodesHandedOver,
    .judgedOrders,
  ]
}

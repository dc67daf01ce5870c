/// What the gateway has counted since its start, for status screens.
struct GatewayFigures {
  var userEvents: Int64 = 0
  var quotes: Int64 = 0
  /// Events of accounts that are not watched.
  var foreignEvents: Int64 = 0
  /// News of connections that are over.
  var lateNews: Int64 = 0
  var payloadErrors: Int64 = 0
  var messagesSent: Int64 = 0
  var requestsSent: Int64 = 0
  var requestsFailed: Int64 = 0
  var rateLimited: Int64 = 0
  /// Requests that the circuit breaker refused, or that waited too long for the request window.
  var requestsGivenUp: Int64 = 0
  var snapshots: Int64 = 0
  var failedReads: Int64 = 0
  /// Reads that found no place in the window of requests for too long and began anew.
  var readsPostponed: Int64 = 0
  /// Reads that showed something that the hub had not told.
  var differences: Int64 = 0
  /// Comparisons of the three sources, and how many showed that they disagree.
  var checks: Int64 = 0
  var doubts: Int64 = 0
  var doubtsAlarmed: Int64 = 0
  var longestDoubtMilliseconds: Int64 = 0
  /// Balances that moved otherwise than the trades.
  var balanceDrifts: Int64 = 0
  var reconnections: Int64 = 0
  var logouts: Int64 = 0
  /// Changes of a hub to a connection with a newer token.
  var rotations: Int64 = 0
  /// Events that came on both connections during a change and were told once.
  var echoes: Int64 = 0
  /// Times that a held contract had no quotes in an open market.
  var silences: Int64 = 0
  var signIns: Int64 = 0
  /// Tokens that the venue gave, and attempts that brought none.
  var tokenRefreshes: Int64 = 0
  var tokenFailures: Int64 = 0
  /// Tokens that were given up because a hub refused them.
  var tokensRefusedByHubs: Int64 = 0
  var breakerOpenings: Int64 = 0

  var byName: [String: Int64] {
    [
      "userEvents": userEvents, "quotes": quotes, "foreignEvents": foreignEvents,
      "lateNews": lateNews, "payloadErrors": payloadErrors, "messagesSent": messagesSent,
      "requestsSent": requestsSent, "requestsFailed": requestsFailed,
      "rateLimited": rateLimited, "requestsGivenUp": requestsGivenUp,
      "snapshots": snapshots, "failedReads": failedReads, "readsPostponed": readsPostponed,
      "differences": differences, "checks": checks, "doubts": doubts,
      "doubtsAlarmed": doubtsAlarmed, "longestDoubtMilliseconds": longestDoubtMilliseconds,
      "balanceDrifts": balanceDrifts, "reconnections": reconnections, "logouts": logouts,
      "signIns": signIns, "rotations": rotations, "echoes": echoes, "silences": silences,
      "tokenRefreshes": tokenRefreshes, "tokenFailures": tokenFailures,
      "tokensRefusedByHubs": tokensRefusedByHubs,
      "breakerOpenings": breakerOpenings,
    ]
  }
}

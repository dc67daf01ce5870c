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
  var snapshots: Int64 = 0
  var failedReads: Int64 = 0
  /// Reads that showed something that the hub had not told.
  var differences: Int64 = 0
  var reconnections: Int64 = 0
  var logouts: Int64 = 0
  var signIns: Int64 = 0

  var byName: [String: Int64] {
    [
      "userEvents": userEvents, "quotes": quotes, "foreignEvents": foreignEvents,
      "lateNews": lateNews, "payloadErrors": payloadErrors, "messagesSent": messagesSent,
      "requestsSent": requestsSent, "requestsFailed": requestsFailed,
      "rateLimited": rateLimited, "snapshots": snapshots, "failedReads": failedReads,
      "differences": differences, "reconnections": reconnections, "logouts": logouts,
      "signIns": signIns,
    ]
  }
}

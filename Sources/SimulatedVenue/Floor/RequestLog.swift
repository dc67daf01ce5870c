package import RiskModel

/// One request that the REST interface received.
package struct RequestRecord: Equatable, Sendable {
  /// Counts from 1.
  package var sequence: Int
  package var receivedAt: Instant
  /// The machine's monotonic clock, comparable with other processes of the same machine.
  package var receivedMonotonic: MonotonicInstant
  /// Counts the connections of the venue from 1.
  package var connection: Int
  /// Without its query.
  package var path: String
  package var account: AccountID?
  package var contract: ContractID?
  /// The body; what a login sends is blacked out.
  package var body: JSONValue
  /// The status of the reply; `nil` while there is none, or when none will come.
  package var status: Int?
  /// The code of the reply's envelope.
  package var errorCode: Int?
  /// Whether the venue looked at what the request asks for: it passed the token, the limit and
  /// the faults.
  package var isApplied = false
  /// The fault that struck it.
  package var fault: Int?
}

/// The latest requests.
struct RequestLog {
  private let limit: Int
  private(set) var total = 0
  private var records: [RequestRecord] = []

  init(limit: Int) {
    self.limit = limit
  }

  var all: [RequestRecord] { Array(records.suffix(limit)) }

  /// Adds a record and gives it its number.
  mutating func add(_ record: RequestRecord) -> Int {
    total += 1
    var record = record
    record.sequence = total
    records.append(record)
    if records.count > limit + limit / 4 { records.removeFirst(records.count - limit) }
    return total
  }

  mutating func edit(_ sequence: Int, _ change: (inout RequestRecord) -> Void) {
    guard let first = records.first?.sequence, sequence >= first else { return }
    change(&records[sequence - first])
  }

  subscript(sequence: Int) -> RequestRecord? {
    guard let first = records.first?.sequence, sequence >= first, sequence <= total else {
      return nil
    }
    return records[sequence - first]
  }
}

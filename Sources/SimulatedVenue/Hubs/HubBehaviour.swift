package import RiskModel

/// How the simulated hubs act where the venue's documentation is silent or where a test wants
/// another course of events. The defaults are what was observed live, and stock SignalR's times.
package struct HubBehaviour: Equatable, Sendable {
  package var payload: HubPayloadForm = .wrapped
  /// Writes absent values as null instead of leaving them out.
  package var writesNulls = false
  /// Writes the ids of orders and trades as texts, as in one live incident.
  package var idsAsText = false
  package var form = WireForm()
  package var grouping: RecordGrouping = .bursts
  /// Sends the whole state to a connection that subscribes.
  package var sendsSnapshots = false
  package var eventOrder: EventOrder = .asHappened
  /// Logs the older connection of a hub out when a token connects again.
  package var allowsOneConnection = false
  package var tokenExpiry: TokenExpiryAction = .staysConnected
  /// A ping is sent after this long without anything else.
  package var keepAlive: TimeSpan = .seconds(15)
  /// A client that has pinged once is dropped after this long without a byte from it.
  package var clientTimeout: TimeSpan = .seconds(30)
  package var handshakeTimeout: TimeSpan = .seconds(15)
  /// Longest record that is accepted, in bytes.
  package var maximumRecordSize = 32 * 1_024
  /// A client that leaves more than this many bytes unread is dropped.
  package var maximumBacklog = 256 << 20

  package init() {}
}

/// The form in which an event's payload travels.
package enum HubPayloadForm: String, Sendable, CaseIterable {
  /// `{"action":1,"data":{…}}` (observed live).
  case wrapped
  /// The bare object (documented).
  case bare
  /// A list with the wrapped object in it.
  case array
}

/// How records are put into WebSocket messages.
package enum RecordGrouping: String, Sendable, CaseIterable {
  /// The records of one moment share messages.
  case bursts
  case single
  /// Every record is spread over two messages.
  case halves
  /// Every record is one message of two fragments.
  case fragments
  /// Every record is one message, every byte of it a fragment, also within a character.
  case bytes
}

/// In which order the events of one moment are told.
package enum EventOrder: String, Sendable, CaseIterable {
  /// For an execution the order, the trade, the position, the account (observed live).
  case asHappened = "as-happened"
  /// Trades before everything else.
  case tradesFirst = "trades-first"
  case reversed
  /// Any order, drawn with the venue's seed.
  case shuffled
}

/// What happens to a hub connection when its token expires.
package enum TokenExpiryAction: String, Sendable, CaseIterable {
  /// As stock SignalR does, which looks at the token only once.
  case staysConnected = "stays"
  case aborts
  case closes
  /// `GatewayLogout`, then the end of the connection.
  case logsOut = "logs-out"
}

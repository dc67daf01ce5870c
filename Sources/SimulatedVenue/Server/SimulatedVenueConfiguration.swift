package import RiskModel

/// Everything that a simulated venue is started with. The defaults are what the venue was seen to
/// do, with the user `demo`, the key `demo-key` and two accounts of 50,000 dollars.
package struct SimulatedVenueConfiguration: Sendable {
  /// An address of this machine's loopback interface; others are refused.
  package var address = "127.0.0.1"
  /// 0 is any free port.
  package var port = 0
  package var adminPort = 0
  /// Serves the venue over TLS; the admin interface stays plain.
  package var tls: VenueTLS?
  /// The login name; its case does not matter (documented).
  package var user = "demo"
  package var key = "demo-key"
  package var accounts = SimulatedVenueConfiguration.demoAccounts
  package var contracts = ListedContract.catalogue
  package var exchange = ExchangeBehaviour()
  package var gateway = GatewayBehaviour()
  package var hub = HubBehaviour()
  package var faults: [Fault] = []
  /// Decides what chance decides: fault probabilities, shuffled events, tokens.
  package var seed: UInt64 = 1
  /// How far the venue's time is ahead of the machine's.
  package var clockOffset: TimeSpan = .zero
  /// Requests that are remembered; the oldest go first.
  package var requestLogLimit = 50_000
  /// Happenings that are remembered; the oldest go first.
  package var storyLimit = 50_000

  package init() {}

  package static let demoAccounts = [
    TradingAccount(id: AccountID(1001), name: "SIM-50K-1001"),
    TradingAccount(id: AccountID(1002), name: "SIM-50K-1002"),
  ]
}

/// A certificate chain and its key, as PEM files.
package struct VenueTLS: Equatable, Sendable {
  package var certificateFile: String
  package var privateKeyFile: String

  package init(certificateFile: String, privateKeyFile: String) {
    self.certificateFile = certificateFile
    self.privateKeyFile = privateKeyFile
  }
}

package import ProcessControl
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
  /// What `Auth/loginApp` wants beside the login name; `nil` accepts every device.
  package var application = Application()
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
  /// How the venue's time goes; with that of riskd's test clock both have the same time.
  package var clockPace = ClockPace.machine
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

/// What `Auth/loginApp` checks; simulated ones, no secrets.
package struct Application: Equatable, Sendable {
  package var password = "demo-password"
  package var id = "demo-app"
  package var verifyKey = "demo-verify-key"
  package var device: String?

  package init() {}
}

/// A certificate chain and its key, as PEM files.
package struct VenueTLS: Equatable, Sendable {
  package var certificateFile: String
  package var privateKeyFile: String
  /// The newest version of TLS that the venue speaks.
  package var newestVersion: Version

  package enum Version: String, Sendable, CaseIterable {
    case tls1_1 = "1.1"
    case tls1_2 = "1.2"
    case tls1_3 = "1.3"
  }

  package init(
    certificateFile: String, privateKeyFile: String, newestVersion: Version = .tls1_3
  ) {
    self.certificateFile = certificateFile
    self.privateKeyFile = privateKeyFile
    self.newestVersion = newestVersion
  }
}

import Glibc
package import RiskModel

/// What `risksim serve` is asked for.
package struct ServingOptions: Sendable {
  package var address = "127.0.0.1"
  package var port = 0
  package var adminPort = 0
  package var user = "demo"
  package var key = "demo-key"
  package var accounts: [TradingAccount] = []
  package var scenarioFile: String?
  package var latency: TimeSpan = .zero
  /// Requests in 60 seconds; 0 is no limit.
  package var requestLimit = RequestLimit.documented.requests
  package var seed: UInt64 = 1
  package var tls: VenueTLS?

  package init() {}

  package var configuration: SimulatedVenueConfiguration {
    var configuration = SimulatedVenueConfiguration()
    configuration.address = address
    configuration.port = port
    configuration.adminPort = adminPort
    configuration.user = user
    configuration.key = key
    configuration.seed = seed
    configuration.tls = tls
    configuration.gateway.replyLatency = latency
    configuration.gateway.requestLimit =
      requestLimit == 0
      ? nil : RequestLimit(requests: requestLimit, window: RequestLimit.documented.window)
    if !accounts.isEmpty { configuration.accounts = accounts }
    return configuration
  }

  /// Reads `1001=SIM-50K-1001`.
  package static func account(_ text: String) -> TradingAccount? {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let id = Int32(parts[0]), id > 0, !parts[1].isEmpty else {
      return nil
    }
    return TradingAccount(id: AccountID(Int64(id)), name: String(parts[1]))
  }
}

extension SimulatedVenueServer {
  /// One line of JSON that tells where the venue listens.
  package var readyLine: String {
    JSONValue.object([
      "listening": .bool(true), "port": .integer(port), "adminPort": .integer(adminPort),
      "baseUrl": .string(baseURL), "userHub": .string(userHubURL),
      "marketHub": .string(marketHubURL), "admin": .string(adminURL),
      "seed": .integer(configuration.seed),
    ]).jsonText
  }

  /// Serves until SIGTERM or SIGINT comes. `ready` is called once with the ready line.
  ///
  /// Call it before there are other threads: the signals must be blocked in all of them.
  package static func serve(
    _ options: ServingOptions, ready: (String) -> Void
  ) throws(SimulatedVenueError) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let venue = try start(options.configuration)
    defer { venue.stop() }
    if let file = options.scenarioFile { try venue.run(scenarioFile: file) }
    ready(venue.readyLine)
    var signal: Int32 = 0
    while sigwait(&signals, &signal) != 0 {}
  }
}

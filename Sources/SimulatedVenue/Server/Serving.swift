import Glibc
package import ProcessControl
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
  /// Serves over TLS with a certificate of an authority that is made at the start.
  package var makesAuthority = false
  package var tokenLifetime = GatewayBehaviour().tokenLifetime
  package var clockPace = ClockPace.machine

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
    configuration.gateway.tokenLifetime = tokenLifetime
    configuration.clockPace = clockPace
    configuration.gateway.barLimit = requestLimit == 0 ? nil : .documentedForBars
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
  /// One line of JSON that tells where the venue listens, and what to trust for its certificate.
  package var readyLine: String { readyLine(authorityFile: nil) }

  private func readyLine(authorityFile: String?) -> String {
    let members: KeyValuePairs<String, JSONValue> = [
      "listening": .bool(true), "port": .integer(port), "adminPort": .integer(adminPort),
      "baseUrl": .string(baseURL), "userHub": .string(userHubURL),
      "marketHub": .string(marketHubURL), "admin": .string(adminURL),
      "seed": .integer(configuration.seed),
    ]
    let authority = authorityFile.map { [JSONMember("authorityFile", .string($0))] } ?? []
    return JSONValue.object(members.map { JSONMember($0.key, $0.value) } + authority).jsonText
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
    let authority = options.makesAuthority ? try TestAuthority() : nil
    var configuration = options.configuration
    if let authority { configuration.tls = try authority.certificate() }
    let venue = try start(configuration)
    defer { venue.stop() }
    if let file = options.scenarioFile { try venue.run(scenarioFile: file) }
    ready(venue.readyLine(authorityFile: authority?.authorityFile))
    var signal: Int32 = 0
    while sigwait(&signals, &signal) != 0 {}
    withExtendedLifetime(authority) {}
  }
}

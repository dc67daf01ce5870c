import ArgumentParser
import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves the REST interface and both hubs until SIGTERM or SIGINT.",
    discussion: """
      Prints one line of JSON with the ports when it listens. The admin interface on its own port \
      shows the state (GET /state, /requests, /events) and takes commands (POST /price, /order, \
      /fault, /scenario and others). Addresses other than loopback are refused.
      """)

  @Option(help: "The loopback address to listen on.")
  var address = "127.0.0.1"

  @Option(help: "The port of the venue; 0 is any free one.")
  var port: UInt16 = 0

  @Option(help: "The port of the admin interface; 0 is any free one.")
  var adminPort: UInt16 = 0

  @Option(help: "A scenario file to run.")
  var scenario: String?

  @Option(help: "Milliseconds that every reply takes.")
  var latency: UInt32 = 0

  @Option(
    parsing: .upToNextOption, help: "Accounts as ID=NAME, instead of the two demo accounts.",
    transform: { text in
      guard let account = ServingOptions.account(text) else {
        throw ValidationError("expected ID=NAME, found \(text)")
      }
      return account
    })
  var account: [TradingAccount] = []

  @Option(help: "The login name that is accepted.")
  var user = "demo"

  @Option(help: "The API key that is accepted; a simulated one, no secret.")
  var key = "demo-key"

  @Option(help: "Requests in 60 seconds before HTTP 429; 0 is no limit.")
  var requestLimit: UInt16 = 200

  @Option(help: "Decides what chance decides.")
  var seed: UInt64 = 1

  @Option(help: "A PEM file with a certificate chain: serves the venue over TLS.")
  var certificate: String?

  @Option(help: "The PEM file with the key of the certificate.")
  var privateKey: String?

  @Flag(help: "Serves the venue over TLS with a certificate of a test authority made at the start.")
  var tls = false

  @Option(help: "Seconds that a token is good.")
  var tokenLifetime: UInt32 = 24 * 3_600

  @Option(help: "Milliseconds that the venue's time is ahead at the anchor.")
  var clockOffset: Int64 = 0

  @Option(help: "Thousandths of real time at which the venue's time goes.")
  var clockRate: UInt32 = 1_000

  @Option(help: "Milliseconds since 1970 from which it does; without it, the start.")
  var clockAnchor: Int64?

  func validate() throws {
    guard clockRate > 0 else { throw ValidationError("--clock-rate is above 0") }
    guard !tls || certificate == nil else {
      throw ValidationError("--tls makes its own certificate; leave --certificate out")
    }
    guard (certificate == nil) == (privateKey == nil) else {
      throw ValidationError("--certificate and --private-key belong together")
    }
  }

  func run() throws {
    try SimulatedVenueServer.serve(options) { line in
      print(line)
      fflush(nil)
    }
  }

  private var options: ServingOptions {
    var options = ServingOptions()
    options.address = address
    options.port = Int(port)
    options.adminPort = Int(adminPort)
    options.user = user
    options.key = key
    options.accounts = account
    options.scenarioFile = scenario
    options.latency = .milliseconds(Int64(latency))
    options.requestLimit = Int(requestLimit)
    options.seed = seed
    options.makesAuthority = tls
    options.tokenLifetime = .seconds(Int64(tokenLifetime))
    options.clockPace = ClockPace(
      anchor: clockAnchor.map { Instant(nanosSinceEpoch: $0 * 1_000_000) } ?? SystemClock().now(),
      offset: .milliseconds(clockOffset), rate: Int64(clockRate))
    if let certificate, let privateKey {
      options.tls = VenueTLS(certificateFile: certificate, privateKeyFile: privateKey)
    }
    return options
  }
}

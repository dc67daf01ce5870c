import Glibc
import RiskModel
import SimulatedVenue
import Testing

struct ServingTests {
  @Test(arguments: ["1001=SIM-50K-1001", "7=a=b"])
  func `an account is read`(text: String) throws {
    let account = try #require(ServingOptions.account(text))
    let parts = text.split(separator: "=", maxSplits: 1)
    #expect("\(account.account.id)" == parts[0] && account.account.name == parts[1])
    #expect(account.account.balance == dollars("50000"))
  }

  @Test(arguments: ["", "1001", "=x", "1001=", "x=y", "0=x", "-1=x", "3000000000=x"])
  func `anything else is no account`(text: String) {
    #expect(ServingOptions.account(text) == nil)
  }

  @Test func `options become a configuration`() {
    var options = ServingOptions()
    #expect(options.configuration.gateway.requestLimit == .documented)
    #expect(options.configuration.accounts == SimulatedVenueConfiguration.demoAccounts)
    options.requestLimit = 0
    options.latency = .milliseconds(150)
    options.accounts = [TradingAccount(id: first, name: "A")]
    options.user = "u"
    options.key = "k"
    options.seed = 9
    options.port = 1
    options.adminPort = 2
    let configuration = options.configuration
    #expect(configuration.gateway.requestLimit == nil)
    #expect(configuration.gateway.replyLatency == .milliseconds(150))
    #expect(configuration.accounts.map(\.account.name) == ["A"])
    #expect(configuration.user == "u" && configuration.key == "k" && configuration.seed == 9)
    #expect(configuration.port == 1 && configuration.adminPort == 2)
  }

  /// The program beside the test runner.
  private static let program: String = {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink("/proc/self/exe", &path, Int(PATH_MAX))
    let runner = String(
      decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return runner.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/risksim"
  }()

  /// Starts the program; its output comes through the descriptor.
  private func spawn(_ arguments: [String]) throws -> (process: pid_t, output: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    var pointers = ([Self.program] + arguments).map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var process = pid_t()
    let result = posix_spawn(&process, Self.program, &actions, nil, &pointers, environ)
    close(ends[1])
    try #require(result == 0, "\(Self.program): \(String(cString: strerror(result)))")
    return (process, ends[0])
  }

  /// What the program prints, up to its first line break or its end.
  private func line(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 20_000) > 0, read(descriptor, &byte, 1) == 1,
        byte != UInt8(ascii: "\n")
      else { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
  }

  /// The exit status, or `nil` when the program has not ended in time and was killed.
  private func status(of process: pid_t) -> Int32? {
    var status: Int32 = 0
    for _ in 0..<2_000 {
      if waitpid(process, &status, WNOHANG) == process { return status }
      usleep(10_000)
    }
    kill(process, SIGKILL)
    waitpid(process, &status, 0)
    return nil
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `the program serves until it is told to stop`(signal: Int32) throws {
    try withTemporaryFile(
      #"{"title":"t","steps":[{"at":0,"do":"account","account":7,"canTrade":false}]}"#
    ) { scenario in
      let (process, output) = try spawn([
        "serve", "--account", "7=SEVEN", "8=EIGHT", "--key", "another", "--latency", "1", "--seed",
        "5",
        "--scenario", scenario,
      ])
      defer { close(output) }
      let ready = try JSONValue(parsing: line(output))
      #expect(ready["listening"]?.boolean == true && ready["seed"]?.integer == 5)
      let port = try #require(ready["port"]?.integer)
      let socket = try RawSocket(port: Int(port))
      try socket.request(
        "POST", GatewayOperation.login.path, body: #"{"userName":"demo","apiKey":"another"}"#)
      let token = try #require(try socket.reply().json["token"]?.text)
      try socket.request(
        "POST", GatewayOperation.searchAccounts.path, headers: ["Authorization: Bearer \(token)"],
        body: #"{"onlyActiveAccounts":true}"#)
      let accounts = try socket.reply().json["accounts"]
      #expect(accounts?[1]?["name"]?.text == "EIGHT")
      let account = accounts?[0]
      #expect(account?["name"]?.text == "SEVEN" && account?["canTrade"]?.boolean == false)
      kill(process, signal)
      #expect(status(of: process) == 0)
    }
  }

  @Test func `the program makes its own authority, names it and takes it away`() throws {
    let (process, output) = try spawn(["serve", "--tls", "--token-lifetime", "90"])
    defer { close(output) }
    let ready = try JSONValue(parsing: line(output))
    #expect(ready["baseUrl"]?.text?.hasPrefix("https://") == true)
    let authority = try #require(ready["authorityFile"]?.text)
    #expect(access(authority, R_OK) == 0)
    let admin = try RawSocket(port: Int(try #require(ready["adminPort"]?.integer)))
    try admin.request("GET", "/settings")
    #expect(try admin.reply().json["tokenLifetime"]?.integer == 90_000)
    kill(process, SIGTERM)
    #expect(status(of: process) == 0)
    #expect(access(authority, F_OK) != 0)
  }

  @Test(arguments: [
    (
      ["serve", "--address", "10.0.0.1"], "Error: 10.0.0.1 is not a loopback address; use 127.0.0.1"
    ),
    (
      ["serve", "--account", "x"],
      "Error: The value 'x' is invalid for '--account <account>': expected ID=NAME, found x"
    ),
    (
      ["serve", "--tls", "--certificate", "c", "--private-key", "k"],
      "Error: --tls makes its own certificate; leave --certificate out"
    ),
    (["serve", "--certificate", "c"], "Error: --certificate and --private-key belong together"),
    (
      ["serve", "--certificate", "/nonexistent", "--private-key", "/nonexistent"],
      "Error: cannot use the certificate /nonexistent:"
    ),
    (
      ["serve", "--scenario", "/nonexistent"],
      "Error: cannot read /nonexistent: No such file or directory"
    ),
  ])
  func `what is wrong is said and the program ends`(arguments: [String], message: String) throws {
    let (process, output) = try spawn(arguments)
    defer { close(output) }
    #expect(line(output).hasPrefix(message))
    #expect(status(of: process).map { $0 != 0 } == true)
  }
}

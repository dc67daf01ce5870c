import Testing

@testable import Settings

/// Slips in config.yaml.
struct MainFileSlipTests {
  @Test(arguments: slips)
  func isReported(_ slip: Slip) throws {
    try slip.check()
  }

  private static func main(
    _ name: String, _ old: String, _ new: String, _ report: String...
  ) -> Slip {
    Slip(name: name, file: "config/config.yaml", old: old, new: new, report: report)
  }

  private static let top = "api:\n"
  private static let topKeys =
    "development, api, authentication, signalr, errorHandling, stateReconciliation, "
    + "orderManagement, supervision, database, logging, monitoring, system, performance, "
    + "mark_price, include_fees, symbol_aliases, rules, accounts"
  static let slips: [Slip] = [
    main(
      "typo in a key", "baseUrl:", "base_ulr:",
      "config/config.yaml:1: api.baseUrl: is \"https://api.topstepx.com\", and a simulator "
        + "must be on this machine; write a URL on 127.0.0.1, or set "
        + "development.testing.useMockApi: false",
      "config/config.yaml:2: api.base_ulr: is not a known key; did you mean baseUrl?"
    ),
    main(
      "key nobody could mean", top, "zebra: 1\napi:\n",
      "config/config.yaml:1: zebra: is not a known key; the keys here are \(topKeys)"),
    main(
      "wrong type", top, "api:\n  timeout: fast\n",
      "config/config.yaml:2: api.timeout: is \"fast\"; write a whole number of milliseconds "
        + "from 1 to 900000"),
    main(
      "number in quotes", top, "api:\n  timeout: \"30000\"\n",
      "config/config.yaml:2: api.timeout: is the text \"30000\" in quotes; write a whole "
        + "number of milliseconds from 1 to 900000"),
    main(
      "list for a number", top, "api:\n  timeout: [1, 2]\n",
      "config/config.yaml:2: api.timeout: is a list; write a whole number of milliseconds "
        + "from 1 to 900000"),
    main(
      "octal-looking number", top, "api:\n  timeout: 030000\n",
      "config/config.yaml:2: api.timeout: is \"030000\"; write a whole number of "
        + "milliseconds from 1 to 900000"),
    main(
      "key without a value", top, "api:\n  timeout:\n",
      "config/config.yaml:2: api.timeout: is empty; write a whole number of milliseconds "
        + "from 1 to 900000"),
    main(
      "range", top, "supervision:\n  # comment\n\n  crashDeaths: 0\napi:\n",
      "config/config.yaml:4: supervision.crashDeaths: is \"0\"; write a whole number from 1 to 1000"
    ),
    main(
      "switch that is no boolean", "devMode: true", "devMode: yes",
      "config/config.yaml:9: development.devMode: is \"yes\"; write true or false"),
    main(
      "word of no list", top, "logging: {level: LOUD}\napi:\n",
      "config/config.yaml:1: logging.level: is \"LOUD\"; write DEBUG, INFO, WARNING or ERROR"),
    main(
      "section that is none", top, "logging: loud\napi:\n",
      "config/config.yaml:1: logging: is \"loud\"; write a block of keys"),
    main(
      "typo in a section", top,
      "signalr2:\napi:\n",
      "config/config.yaml:1: signalr2: is not a known key; did you mean signalr?"),
    main(
      "falling delays", "signalr:\n", "signalr:\n  reconnection:\n    delays: [0, 5000, 2000]\n",
      "config/config.yaml:5: signalr.reconnection.delays: falls from one time to the next; "
        + "write them in ascending order"),
    main(
      "wrong element", "signalr:\n",
      "signalr:\n  reconnection:\n    delays:\n      - 0\n      - soon\n",
      "config/config.yaml:7: signalr.reconnection.delays[1]: is \"soon\"; write a whole "
        + "number of milliseconds from 0 to 600000"),
    main(
      "no delay at all", "signalr:\n", "signalr:\n  reconnection: {delays: []}\n",
      "config/config.yaml:4: signalr.reconnection.delays: is an empty list; write at least one time"
    ),
    main(
      "list that is none", "signalr:\n", "signalr:\n  reconnection: {delays: 5}\n",
      "config/config.yaml:4: signalr.reconnection.delays: is \"5\"; write a list of values, "
        + "at most 1000"),
    main(
      "pings slower than the stale limit", "signalr:\n",
      "signalr:\n  health:\n    pingInterval: 130000\n",
      "config/config.yaml:5: signalr.health.pingInterval: is not below staleThreshold; write "
        + "a shorter time"),
    main(
      "ping without time to answer", "signalr:\n",
      "signalr:\n  health:\n    pingTimeout: 30000\n",
      "config/config.yaml:5: signalr.health.pingTimeout: is not below pingInterval; write a "
        + "shorter time"),
    main(
      "crash limits crossed", top, "supervision: {crashDeaths: 9}\napi:\n",
      "config/config.yaml:1: supervision.crashDeathsAll: is below crashDeaths; write a larger "
        + "number"
    ),
    main(
      "more requests than the venue allows", top,
      "errorHandling:\n  rateLimit: {general: {requests: 201}, history: {windowSeconds: 29}}\n"
        + "api:\n",
      "config/config.yaml:2: errorHandling.rateLimit.general.requests: is \"201\"; write a "
        + "whole number from 1 to 200",
      "config/config.yaml:2: errorHandling.rateLimit.history.windowSeconds: is \"29\"; write "
        + "a whole number of seconds from 30 to 3600"),
    main(
      "schema of another version", top, "database: {schemaVersion: 1}\napi:\n",
      "config/config.yaml:1: database.schemaVersion: is \"1\"; write 2, the schema of this "
        + "version"),
    main(
      "certificates unchecked", top,
      "authentication: {security: {validateCertificates: false}}\napi:\n",
      "config/config.yaml:1: authentication.security.validateCertificates: is false, but "
        + "riskd always checks certificates; write true"),
    main(
      "no daily reset", top, "system: {dailyReset: {enabled: false}}\napi:\n",
      "config/config.yaml:1: system.dailyReset.enabled: is false, and a lockout until the "
        + "daily reset would never end; write true"),
    main(
      "time of day", top, "system: {dailyReset: {time: 25:00}}\napi:\n",
      "config/config.yaml:1: system.dailyReset.time: is \"25:00\"; write a time of day such "
        + "as \"17:00\""),
    main(
      "unknown zone", top, "system: {timezone: Europe/Paris}\napi:\n",
      "config/config.yaml:1: system.timezone: is \"Europe/Paris\"; write America/Chicago, "
        + "America/New_York, America/Denver, America/Los_Angeles or UTC"),
    main(
      "grace longer than the kill", top, "system: {shutdown: {gracePeriod: 30000}}\napi:\n",
      "config/config.yaml:1: system.shutdown.gracePeriod: is not below forceKillAfter; write "
        + "a shorter time"),
    main(
      "key of the other file", top, "mark_price: mid\napi:\n",
      "config/config.yaml:1: mark_price: is not a key of riskd; write global.mark_price in "
        + "risk_config.yaml"),
    main(
      "two names of one key", top,
      "authentication:\n  tokenRefresh: {retryDelays: [1], retryDelayMs: [2]}\napi:\n",
      "config/config.yaml:2: authentication.tokenRefresh.retryDelayMs: is another name of "
        + "retryDelays, and retryDelays is there as well; keep one of the two"),
    main(
      "http beyond this machine", "http://127.0.0.1:8080\"", "http://venue.example\"",
      "config/config.yaml:2: api.baseUrl: is \"http://venue.example\", which is not "
        + "encrypted and not on this machine; write https://"),
    main(
      "URL with a user", "http://127.0.0.1:8080\"", "http://me:secret@127.0.0.1:8080\"",
      "config/config.yaml:2: api.baseUrl: cannot be read; write a URL without user, query "
        + "and fragment, such as https://api.topstepx.com"),
    main(
      "scheme of a stream for REST", "http://127.0.0.1:8080\"", "ws://127.0.0.1:8080\"",
      "config/config.yaml:2: api.baseUrl: cannot be read; write a URL without user, query "
        + "and fragment, such as https://api.topstepx.com"),
    main(
      "no user stream", "hubs/user\"\n", "hubs/user\"\n    enabled: false\n"),
    main(
      "no quotes for rules that need them", "hubs/market\"\n",
      "hubs/market\"\n    enabled: false\n",
      "config/config.yaml:8: signalr.marketHub.enabled: is false, and daily_unrealized_loss "
        + "or max_unrealized_profit cannot work without quotes; write true"),
    main(
      "simulator in production", "devMode: true", "devMode: false",
      "config/config.yaml:11: development.testing.useMockApi: is true, and this is not a "
        + "development installation; write false, or set development.devMode: true or "
        + "DEV_MODE=true"
    ),
    main(
      "plain http without a simulator", "useMockApi: true", "useMockApi: false",
      "config/config.yaml:2: api.baseUrl: is \"http://127.0.0.1:8080\", which is not "
        + "encrypted; write https://, or set development.testing.useMockApi: true for a "
        + "simulator",
      "config/config.yaml:5: signalr.userHub.url: is \"http://127.0.0.1:8080/hubs/user\", "
        + "which is not encrypted; write https://, or set development.testing.useMockApi: true "
        + "for a simulator",
      "config/config.yaml:7: signalr.marketHub.url: is \"ws://localhost:8080/hubs/market\", "
        + "which is not encrypted; write wss://, or set development.testing.useMockApi: true "
        + "for a simulator"
    ),
    main(
      "clock rate", "useMockApi: true\n", "useMockApi: true\n    clock: {rate: 0}\n",
      "config/config.yaml:12: development.testing.clock.rate: is \"0\"; write a number from "
        + "0.001 to 1000 with at most three decimals"),
    main(
      "tab", top, "api:\n\ttimeout: 1\n",
      "config/config.yaml:2: is not valid YAML in column 1: while scanning for the next "
        + "token from line 2: found character that cannot start any token; correct the text, "
        + "and indent with spaces only"),
    main(
      "key twice", top, "api: {timeout: 1000, timeout: 2000}\nother:\n",
      "config/config.yaml:1: timeout: is there twice in one block; keep one of the two"),
    main(
      "key twice, once in quotes", top, "logging: {level: INFO}\n1: a\n\"1\": b\napi:\n",
      "config/config.yaml:3: 1: is not a known key; the keys here are \(topKeys)",
      "config/config.yaml:3: 1: is there already in line 2; keep one of the two"),
    main(
      "two documents", top, "---\nx: 1\n---\napi:\n",
      "config/config.yaml:3: is not valid YAML in column 1: expected a single document in "
        + "the stream from line 1: but found another document; correct the text, and indent "
        + "with spaces only"),
    main(
      "key that is a list", top, "[a]: 1\napi:\n",
      "config/config.yaml:1: ?: is not a key; write a word as the key"),
    main(
      "not a block at all", ConfigurationRoot.mainText, "- one\n",
      "config/config.yaml:1: is a list; write a block of keys"),
  ]
}

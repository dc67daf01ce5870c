// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A target of ours, with a test target of its own.
struct Room {
  var name: String
  var uses: [Target.Dependency] = []
  /// What its tests use beside it.
  var testsUse: [Target.Dependency] = []
  /// What lies in the folder of its tests and belongs to another target.
  var testsExclude: [String] = []
}

func nio(_ product: String) -> Target.Dependency { .product(name: product, package: "swift-nio") }
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

let rooms = [
  // Values: the standard library only.
  Room(name: "RiskModel", testsUse: ["RiskTestKit"]),

  // Pure: decisions as values; no I/O, no clock.
  Room(name: "RiskRules", uses: ["RiskModel"], testsUse: ["RiskTestKit"]),
  Room(name: "Enforcement", uses: ["RiskModel"], testsUse: ["RiskRules"]),
  Room(name: "Supervision", uses: ["RiskModel"]),
  Room(name: "HubProtocol", uses: ["RiskModel"]),
  Room(name: "VenueAPI", uses: ["RiskModel"]),
  Room(name: "PeerProtocol", uses: ["RiskModel"], testsUse: ["RiskTestKit"]),
  Room(name: "AlertRules", uses: ["RiskModel"]),
  Room(
    name: "Checklist", uses: ["RiskModel", "Supervision"], testsExclude: ["Golden"]),
  Room(name: "TraderFeed", uses: ["RiskModel"]),
  Room(
    name: "TraderScreen", uses: ["RiskModel", "TraderFeed"], testsUse: ["TraderSample"],
    testsExclude: ["Golden", "Sample"]),
  Room(name: "AdminConsole", uses: ["RiskModel"], testsUse: ["Settings"]),

  // Shells: one piece of the outside each.
  Room(name: "ProcessControl", uses: ["RiskModel", "Supervision", "CPlatform"]),
  Room(
    name: "VenueREST",
    uses: ["RiskModel", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nio("NIOTLS"), tls],
    testsUse: [nio("NIOConcurrencyHelpers")]),
  Room(
    name: "HubClient",
    uses: [
      "RiskModel", "VenueREST", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"),
      nio("NIOWebSocket"), tls,
    ], testsUse: ["HubProtocol", nio("NIOConcurrencyHelpers")]),
  Room(name: "PeerLink", uses: ["RiskModel", "PeerProtocol"], testsUse: ["RiskTestKit"]),
  Room(name: "Store", uses: ["RiskModel", "PeerProtocol", grdb], testsUse: ["RiskTestKit"]),
  Room(
    name: "AuditLog", uses: ["RiskModel", "Supervision", "COpenSSL"], testsUse: ["RiskTestKit"]),
  Room(name: "Settings", uses: ["RiskModel", "RiskRules", "AlertRules", yams]),
  Room(
    name: "MetricsStore", uses: ["RiskModel", grdb], testsUse: ["RiskTestKit", "AlertRules"]),
  Room(
    name: "AlertDelivery",
    uses: ["RiskModel", "VenueREST", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1")],
    testsUse: ["SimulatedVenue", tls, nio("NIOConcurrencyHelpers")]),
  Room(
    name: "Telemetry", uses: ["RiskModel", "PeerProtocol", log], testsUse: ["ProcessControl"]),
  Room(name: "LogFiles", uses: ["RiskModel"]),
  Room(name: "TokenStore", uses: ["RiskModel", "VenueAPI", "ProcessControl", "COpenSSL"]),
  Room(name: "RequestWindow", uses: ["RiskModel", "ProcessControl"]),
  Room(
    name: "ControlPlane", uses: ["RiskModel", "Supervision", "ProcessControl", "TraderFeed"]),

  Room(name: "AdminPassword", uses: ["CCrypt", "CPlatform"]),
  Room(
    name: "TraderTerminal",
    uses: [
      "RiskModel", "TraderFeed", "TraderScreen", "ControlPlane", "ProcessControl", "CPlatform",
    ], testsUse: ["RiskTestKit", "TraderSample", "risktop"],
    testsExclude: ["Golden"]),

  // Roles: synchronous loops over injected ports.
  Room(
    name: "SupervisorRole",
    uses: [
      "RiskModel", "Supervision", "ProcessControl", "ControlPlane", "CSystemd", log,
    ], testsUse: ["SupervisorProgram"], testsExclude: ["Program"]),
  Room(
    name: "GatewayRole", uses: ["RiskModel", "PeerProtocol", "HubProtocol", "VenueAPI", log]),
  Room(
    name: "EvaluatorRole", uses: ["RiskModel", "RiskRules", "PeerProtocol", "TraderFeed", log],
    testsUse: ["RiskTestKit"]),
  Room(name: "EnforcerRole", uses: ["RiskModel", "Enforcement", "PeerProtocol", log]),
  Room(name: "MonitorRole", uses: ["RiskModel", "AlertRules", "PeerProtocol", "Supervision", log]),

  // The system from outside: a demonstration and measurements, against the simulator.
  Room(
    name: "TradingDayDemo",
    uses: ["RiskModel", "Supervision", "ProcessControl", "ControlPlane", "SimulatedVenue"]),
  Room(
    name: "Benchmarks",
    uses: [
      "RiskModel", "RiskRules", "PeerProtocol", "Supervision", "ProcessControl", "ControlPlane",
      "Store", "SimulatedVenue", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), tls, sqlite,
      histogram,
    ]),
]

/// The decoders that are fuzzed, and what tests do with the corpus.
let fuzzedDecoders = Target.target(
  name: "FuzzedDecoders",
  dependencies: ["RiskModel", "HubProtocol", "VenueAPI", "PeerProtocol", "TokenStore"],
  swiftSettings: house)

let package = Package(
  name: "riskd",
  products: [
    .executable(name: "riskd", targets: ["riskd"]),
    .executable(name: "riskctl", targets: ["riskctl"]),
    .executable(name: "risktop", targets: ["risktop"]),
    .executable(name: "risksim", targets: ["risksim"]),
    .executable(name: "riskbench", targets: ["riskbench"]),
    .library(name: "PowerCut", type: .dynamic, targets: ["PowerCut"]),
    .library(name: "TestClock", type: .dynamic, targets: ["TestClock"]),
    .library(name: "MemoryLoad", type: .dynamic, targets: ["MemoryLoad"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
    .systemLibrary(name: "CCrypt", pkgConfig: "libxcrypt"),
    .target(name: "CPlatform"),

    // Roles put together with their shells; what the executables run.
    .target(
      name: "Workers",
      dependencies: [
        "RiskModel", "RiskRules", "Enforcement", "Supervision", "HubProtocol", "VenueAPI",
        "PeerProtocol", "ProcessControl", "VenueREST", "HubClient", "PeerLink", "Store",
        "Settings", "Telemetry", "TraderFeed", "ControlPlane", "SupervisorRole", "GatewayRole",
        "EvaluatorRole", "EnforcerRole", "MonitorRole", "TokenStore", "RequestWindow", "AuditLog",
        "LogFiles", "AlertRules", "MetricsStore", "AlertDelivery", "AdminPassword", "Checklist",
        "AdminConsole", "CSystemd",
        nio("NIOCore"), nio("NIOPosix"), log,
      ], swiftSettings: house),
    .executableTarget(name: "riskd", dependencies: ["Workers"], swiftSettings: house),
    .executableTarget(
      name: "riskctl",
      dependencies: [
        "Workers", "ControlPlane", "Supervision", "AdminPassword", "RiskModel", "Checklist",
        "AdminConsole", arguments,
      ],
      swiftSettings: house),

    .executableTarget(
      name: "risktop", dependencies: ["TraderTerminal", "TraderScreen", "RiskModel", arguments],
      swiftSettings: house),

    // Test support, used by the simulator and the tests.
    .target(name: "RiskTestKit", dependencies: ["RiskModel", "RiskRules"], swiftSettings: house),
    .target(
      name: "SimulatedVenue",
      dependencies: [
        "RiskModel", "RiskTestKit", "ProcessControl", nio("NIOCore"), nio("NIOPosix"),
        nio("NIOHTTP1"), nio("NIOWebSocket"), tls,
      ], exclude: ["README.md"], swiftSettings: house),
    .testTarget(
      name: "SimulatedVenueTests",
      dependencies: [
        "SimulatedVenue", "RiskModel", "RiskTestKit", "ProcessControl", "risksim", nio("NIOCore"),
        nio("NIOPosix"), tls,
      ], swiftSettings: house),
    .executableTarget(
      name: "riskbench", dependencies: ["Benchmarks", "RiskModel", arguments],
      swiftSettings: house),
    .executableTarget(
      name: "risksim",
      dependencies: ["TradingDayDemo", "SimulatedVenue", "ProcessControl", "RiskModel", arguments],
      swiftSettings: house),

    .testTarget(name: "HouseTests", swiftSettings: house),
    fuzzedDecoders,
    .testTarget(
      name: "FuzzedDecodersTests", dependencies: ["FuzzedDecoders"], exclude: ["Corpus"],
      swiftSettings: house),
    // The supervisor and its workers as the tests of the role run them.
    .executableTarget(
      name: "SupervisorProgram",
      dependencies: ["SupervisorRole", "ProcessControl", "RiskModel", "Supervision", log],
      path: "Tests/SupervisorRoleTests/Program", swiftSettings: house),

    // Roles and processes together: in one process, and as riskd against the simulator.
    .testTarget(
      name: "WorkersTests",
      dependencies: [
        "Workers", "SimulatedVenue", "RiskTestKit", "RiskModel", "RiskRules", "PeerProtocol",
        "ProcessControl", "Supervision", "ControlPlane", "Store", "Settings", "EvaluatorRole",
        "EnforcerRole", "Enforcement", "SupervisorRole", "GatewayRole", "TokenStore", "AuditLog",
        "RequestWindow", "VenueAPI", "VenueREST", "AlertDelivery", "AlertRules", "MonitorRole",
        "Checklist", "MetricsStore", "TraderFeed",
        nio("NIOCore"), nio("NIOPosix"), log,
      ], exclude: ["Golden"], swiftSettings: house),
    .testTarget(
      name: "ProcessTests",
      dependencies: [
        "SimulatedVenue", "RiskTestKit", "RiskModel", "ProcessControl", "Supervision",
        "ControlPlane", "Store", "Workers", "AuditLog", "TraderFeed", "Checklist", "Tracer",
        sqlite,
      ], exclude: ["Golden", "Tracer", "PowerCut", "MemoryLoad"], swiftSettings: house),
    // The roles in one thread, with everything around them simulated.
    .testTarget(
      name: "SimulatedWorldTests",
      dependencies: [
        "Workers", "SimulatedVenue", "RiskTestKit", "RiskModel", "RiskRules", "Enforcement",
        "PeerProtocol", "HubProtocol", "VenueAPI", "GatewayRole", "EvaluatorRole", "EnforcerRole",
        "Store", "ForgetfulDisk", log,
      ], exclude: ["ForgetfulDisk", "README.md"], swiftSettings: house),
    // A disk for SQLite that forgets what was not synchronised.
    .target(
      name: "ForgetfulDisk", dependencies: [sqlite], path: "Tests/SimulatedWorldTests/ForgetfulDisk"
    ),
    // Kills a process at one of its system calls.
    .executableTarget(name: "Tracer", path: "Tests/ProcessTests/Tracer"),
    // What the screens of traders are drawn of in tests.
    .target(
      name: "TraderSample", dependencies: ["RiskModel", "TraderFeed"],
      path: "Tests/TraderScreenTests/Sample", swiftSettings: house),
    // Remembers what a disk may forget; loaded into riskd before libc.
    .target(name: "PowerCut", path: "Tests/ProcessTests/PowerCut", publicHeadersPath: "."),
    // Another time of day for riskd, without touching the machine's; loaded like the one above.
    .target(
      name: "TestClock", path: "Tests/SystemTests", sources: ["clock.c"], publicHeadersPath: "."),
    // Uses memory while a file is there; loaded into riskd in the same way.
    .target(name: "MemoryLoad", path: "Tests/ProcessTests/MemoryLoad", publicHeadersPath: "."),
  ]
    + rooms.map { .target(name: $0.name, dependencies: $0.uses, swiftSettings: house) }
    + rooms.map {
      .testTarget(
        name: $0.name + "Tests", dependencies: [.target(name: $0.name)] + $0.uses + $0.testsUse,
        exclude: $0.testsExclude, swiftSettings: house)
    }
)

// `RISKD_FUZZ=1` declares the fuzzer and what it feeds, and nothing else: scripts/fuzz. What
// libFuzzer watches is compiled with its counters.
if Context.environment["RISKD_FUZZ"] == "1" {
  let watched = ["RiskModel", "HubProtocol", "VenueAPI", "PeerProtocol", "TokenStore"]
  let needed = watched + ["Supervision", "ProcessControl"]
  let counters = SwiftSetting.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])
  package.products = []
  package.dependencies = []
  package.targets =
    [
      .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"), .target(name: "CPlatform"),
      .target(name: "CFuzzer"), fuzzedDecoders,
      .executableTarget(
        name: "riskfuzz", dependencies: ["FuzzedDecoders", "CFuzzer"], swiftSettings: house,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ]
    + rooms.filter { needed.contains($0.name) }.map {
      .target(
        name: $0.name, dependencies: $0.uses,
        swiftSettings: watched.contains($0.name) ? house + [counters] : house)
    }
}

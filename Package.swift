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
  Room(name: "Enforcement", uses: ["RiskModel"]),
  Room(name: "Supervision", uses: ["RiskModel"]),
  Room(name: "HubProtocol", uses: ["RiskModel"]),
  Room(name: "VenueAPI", uses: ["RiskModel"]),
  Room(name: "PeerProtocol", uses: ["RiskModel"], testsUse: ["RiskTestKit"]),

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
  Room(name: "Settings", uses: ["RiskModel", "RiskRules", yams]),
  Room(name: "Telemetry", uses: ["RiskModel", log]),
  Room(name: "ControlPlane", uses: ["RiskModel", "Supervision", "ProcessControl"]),

  // Roles: synchronous loops over injected ports.
  Room(
    name: "SupervisorRole",
    uses: [
      "RiskModel", "Supervision", "ProcessControl", "ControlPlane", "CSystemd", log,
    ], testsUse: ["SupervisorProgram"], testsExclude: ["Program"]),
  Room(
    name: "GatewayRole", uses: ["RiskModel", "PeerProtocol", "HubProtocol", "VenueAPI", log]),
  Room(
    name: "EvaluatorRole", uses: ["RiskModel", "RiskRules", "PeerProtocol", log],
    testsUse: ["RiskTestKit"]),
  Room(name: "EnforcerRole", uses: ["RiskModel", "Enforcement", "PeerProtocol", log]),

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

let package = Package(
  name: "riskd",
  products: [
    .executable(name: "riskd", targets: ["riskd"]),
    .executable(name: "riskctl", targets: ["riskctl"]),
    .executable(name: "risksim", targets: ["risksim"]),
    .executable(name: "riskbench", targets: ["riskbench"]),
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
    .target(name: "CPlatform"),

    // Roles put together with their shells; what the executables run.
    .target(
      name: "Workers",
      dependencies: [
        "RiskModel", "RiskRules", "Enforcement", "Supervision", "HubProtocol", "VenueAPI",
        "PeerProtocol", "ProcessControl", "VenueREST", "HubClient", "PeerLink", "Store",
        "Settings", "Telemetry", "ControlPlane", "SupervisorRole", "GatewayRole",
        "EvaluatorRole", "EnforcerRole", "COpenSSL", nio("NIOCore"), nio("NIOPosix"), log,
      ], swiftSettings: house),
    .executableTarget(name: "riskd", dependencies: ["Workers"], swiftSettings: house),
    .executableTarget(
      name: "riskctl",
      dependencies: ["Workers", "ControlPlane", "Supervision", "RiskModel", arguments],
      swiftSettings: house),

    // Test support, used by the simulator and the tests.
    .target(name: "RiskTestKit", dependencies: ["RiskModel", "RiskRules"], swiftSettings: house),
    .target(
      name: "SimulatedVenue",
      dependencies: [
        "RiskModel", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nio("NIOWebSocket"), tls,
      ], swiftSettings: house),
    .testTarget(
      name: "SimulatedVenueTests",
      dependencies: [
        "SimulatedVenue", "RiskModel", "risksim", nio("NIOCore"), nio("NIOPosix"), tls,
      ], swiftSettings: house),
    .executableTarget(
      name: "riskbench", dependencies: ["Benchmarks", "RiskModel", arguments],
      swiftSettings: house),
    .executableTarget(
      name: "risksim", dependencies: ["TradingDayDemo", "SimulatedVenue", "RiskModel", arguments],
      swiftSettings: house),

    .testTarget(name: "HouseTests", swiftSettings: house),
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
        "VenueAPI", "VenueREST",
        log,
      ], swiftSettings: house),
    .testTarget(
      name: "ProcessTests",
      dependencies: [
        "SimulatedVenue", "RiskTestKit", "RiskModel", "ProcessControl", "Supervision",
        "ControlPlane", "Store", "Workers",
      ], swiftSettings: house),
  ]
    + rooms.map { .target(name: $0.name, dependencies: $0.uses, swiftSettings: house) }
    + rooms.map {
      .testTarget(
        name: $0.name + "Tests", dependencies: [.target(name: $0.name)] + $0.uses + $0.testsUse,
        exclude: $0.testsExclude, swiftSettings: house)
    }
)

// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "riskd",
  targets: [
    // Values: the standard library only.
    .target(name: "RiskModel", swiftSettings: house),

    // Pure: decisions as values; no I/O, no clock.
    .target(name: "RiskRules", dependencies: ["RiskModel"], swiftSettings: house),

    // Test support.
    .target(name: "RiskTestKit", dependencies: ["RiskModel", "RiskRules"], swiftSettings: house),

    .testTarget(
      name: "RiskModelTests", dependencies: ["RiskModel", "RiskTestKit"], swiftSettings: house),
    .testTarget(
      name: "RiskRulesTests", dependencies: ["RiskModel", "RiskRules", "RiskTestKit"],
      swiftSettings: house),
  ]
)

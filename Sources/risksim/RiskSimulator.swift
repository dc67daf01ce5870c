import ArgumentParser

/// `risksim`: a ProjectX gateway on this machine, for demos and tests.
@main
struct RiskSimulator: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "risksim",
    abstract: "A simulated ProjectX gateway on the loopback interface.",
    subcommands: [Serve.self, Demo.self], defaultSubcommand: Serve.self)
}

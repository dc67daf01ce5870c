import Glibc
import Workers

/// `riskd`: the supervisor, and, run again by it, each of its workers.
@main
enum Riskd {
  static func main() {
    exit(RiskdCommand(CommandLine.arguments).run())
  }
}

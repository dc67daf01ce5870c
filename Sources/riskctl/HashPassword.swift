import AdminPassword
import ArgumentParser
import ControlPlane

struct HashPassword: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the bcrypt hash of an administrator's password for ADMIN_PASSWORD_HASH.",
    discussion: """
      Asks twice on the terminal, without showing what is typed, or reads one line of a descriptor. \
      Write the hash into .env in single quotes.
      """)

  @Option(help: "10 to 14; each step takes twice as long.")
  var cost = PasswordHash.standardCost
  @Option(help: "Read the password from this descriptor instead of asking.")
  var passwordFd: Int32?

  func run() throws {
    let outcome: CommandOutcome
    do throws(PasswordError) {
      let password: [UInt8] =
        if let passwordFd { PasswordPrompt.line(from: passwordFd) } else {
          try PasswordPrompt.askTwice()
        }
      outcome = CommandOutcome(.yes, output: try PasswordHash.make(password, cost: cost) + "\n")
    } catch {
      let code: CommandOutcome.Code = error == .differs ? .no : .environment
      outcome = CommandOutcome(code, complaint: "riskctl: \(error)\n")
    }
    try outcome.finish()
  }
}

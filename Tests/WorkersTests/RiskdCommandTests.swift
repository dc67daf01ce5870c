import Supervision
import Testing

@testable import Workers

@Suite struct RiskdCommandTests {
  @Test(arguments: [
    ([], RiskdCommand.supervise(root: ".")),
    (["--root", "/srv"], .supervise(root: "/srv")),
    (["worker", "gateway"], .work(.gateway)),
    (["--version"], .version),
    (["--help"], .help),
    (["-h"], .help),
    (["worker", "clerk"], .wrong("no worker clerk")),
    (["--root"], .wrong("cannot read '--root'")),
    (["--root", "/srv", "now"], .wrong("cannot read '--root /srv now'")),
    (["start"], .wrong("cannot read 'start'")),
  ])
  func `reads its three words`(words: [String], command: RiskdCommand) {
    #expect(RiskdCommand(["riskd"] + words) == command)
  }

  @Test func `says the version, the usage and what is wrong`() {
    #expect(RiskdCommand.version.run() == 0)
    #expect(RiskdCommand.help.run() == 0)
    #expect(RiskdCommand.wrong("no").run() == 2)
  }
}

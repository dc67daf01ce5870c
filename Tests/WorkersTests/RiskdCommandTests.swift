import ProcessControl
import RiskModel
import Supervision
import Testing

@testable import Workers

@Suite struct RiskdCommandTests {
  @Test(arguments: [
    ([], RiskdCommand.supervise(root: ".")),
    (["--root", "/srv"], .supervise(root: "/srv")),
    (["worker", "gateway"], .work(.gateway, .machine)),
    (
      ["worker", "monitor", "--clock", "5", "-7", "900000"],
      .work(
        .monitor,
        ClockPace(
          anchor: Instant(nanosSinceEpoch: 5), offset: TimeSpan(nanos: -7), rate: 900_000))
    ),
    (
      ["worker", "gateway", "--clock", "5", "7", "0"],
      .wrong("cannot read 'worker gateway --clock 5 7 0'")
    ),
    (["--version"], .version),
    (["--help"], .help),
    (["-h"], .help),
    (["worker", "clerk"], .wrong("no worker clerk")),
    (["--root"], .wrong("cannot read '--root'")),
    (["--root", "/srv", "now"], .wrong("cannot read '--root /srv now'")),
    (["start"], .wrong("cannot read 'start'")),
    (["--generate-completion-script", "zsh"], .completion(.zsh)),
    (
      ["--generate-completion-script", "csh"],
      .wrong("no completions for csh, only for bash, zsh and fish")
    ),
  ])
  func `reads its three words`(words: [String], command: RiskdCommand) {
    #expect(RiskdCommand(["riskd"] + words) == command)
  }

  @Test(arguments: RiskdCompletion.allCases)
  func `each shell is told all that can be typed`(shell: RiskdCompletion) {
    #expect(RiskdCommand.completion(shell).run() == 0)
    for option in ["root", "version", "help", "generate-completion-script"] {
      #expect(RiskdCommand.usage.contains("--\(option)"))
      #expect(shell.script.contains(shell == .fish ? "-l \(option)" : "--\(option)"))
    }
  }

  @Test func `says the version, the usage and what is wrong`() {
    #expect(RiskdCommand.version.run() == 0)
    #expect(RiskdCommand.help.run() == 0)
    #expect(RiskdCommand.wrong("no").run() == 2)
  }
}

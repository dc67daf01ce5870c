import FoundationEssentials
import Glibc
import ProcessControl
import RiskModel
import Testing

@testable import TradingDayDemo

/// The real riskd, as it was built beside these tests.
@Suite(.serialized, .timeLimit(.minutes(5))) struct EndToEndTests {
  /// A short day: a reduction, the flatten with the kill, a lockout, the re-entry in the gap. The
  /// venue is slow, so that the kill falls into the flatten on a machine that is busy.
  private static let shortDay = """
    {
      "title": "A short day",
      "venue": {"requestLatency": 250, "replyLatency": 5},
      "steps": [
        {"at": 0, "do": "note", "text": "1. One contract too many"},
        {"at": 300, "do": "place", "account": 1001, "contract": "MNQ", "side": "buy", "size": 3},
        {"at": 1000, "do": "note", "text": "6. Six contracts"},
        {"at": 1300, "do": "place", "account": 1001, "contract": "MES", "side": "buy", "size": 3},
        {"at": 1600, "do": "place", "account": 1001, "contract": "NQ", "side": "buy", "size": 1},
        {"at": 2000, "do": "note", "text": "7. The daily loss limit"},
        {"at": 2300, "do": "place", "account": 1001, "contract": "MNQ", "side": "buy", "size": 2},
        {"at": 2600, "do": "place", "account": 1001, "contract": "ES", "side": "buy", "size": 1},
        {"at": 2900, "do": "move", "contract": "MNQ", "to": 20930.00, "during": 600},
        {"at": 2900, "do": "move", "contract": "ES", "to": 5994.50, "during": 600},
        {"at": 3900, "do": "place", "account": 1001, "contract": "MNQ", "side": "sell", "size": 2},
        {"at": 4200, "do": "place", "account": 1001, "contract": "MES", "side": "buy", "size": 1},
        {"at": 4500, "do": "place", "account": 1001, "contract": "ES", "side": "sell", "size": 1},
        {"at": 5000, "do": "note", "text": "9. Back in, while riskd cannot hear it"},
        {"at": 5300, "do": "fault", "on": "hub", "hub": "user", "moment": "upgrade",
         "effect": "refuse", "status": 503, "count": 2},
        {"at": 5300, "do": "fault", "on": "hub", "hub": "user", "effect": "reset"},
        {"at": 5500, "do": "place", "account": 1001, "contract": "MES", "side": "buy", "size": 1}
      ]
    }
    """

  private func file(_ text: String) throws -> String {
    let path = "/tmp/riskd-demo-day-\(getpid())-\(text.utf8.count).json"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test(
    .enabled(
      if: BuiltPrograms.isWanted(BuiltPrograms.riskd),
      "riskd is not built beside the tests: swift build --product riskd"))
  func `a short day is proven`() throws {
    try #require(BuiltPrograms.isBuilt(BuiltPrograms.riskd), "\(BuiltPrograms.riskd) is missing")
    let day = try file(Self.shortDay)
    defer { unlink(day) }
    var options = DemoOptions(riskd: BuiltPrograms.riskd)
    options.configuration = SourceFolder.path("config/demo")
    options.scenario = day
    options.handlesSignals = false
    options.chapterLimit = .seconds(25)
    options.stays = true
    let transcript = Transcript()
    // Whoever reads it leaves when the day is over.
    transcript.onText = { [unowned transcript] text in
      !(transcript.text.contains("PASSED") && text.contains("riskctl status --root"))
    }
    let outcome = Demonstration.give(options, write: transcript.write)
    #expect(outcome == .proven, "\(transcript.text)")
    for part in [
      "RULE-002 max_contracts_per_instrument: You hold 3 MNQ; the limit for MNQ is 2.",
      "sends: close 1 MNQ", "FAULT   kills the evaluator (kill -9 ",
      "RULE-001 max_contracts: You hold 6 contracts; the limit is 5.",
      "RULE-003 daily_realized_loss", "locked until 17:00 Chicago",
      "resets the connection of the user hub", "PASSED", "Stopped: riskd",
    ] {
      #expect(transcript.text.contains(part), "'\(part)' is missing in\n\(transcript.text)")
    }
    #expect(transcript.text.allSatisfy { $0.isASCII })
    // Commands to copy stay whole, however long the paths are.
    for line in transcript.text.split(separator: "\n")
    where !line.contains("riskctl ") && !line.contains("curl ") {
      #expect(line.count <= StoryStyle.width, "\(line)")
    }
    let root = try #require(transcript.root)
    #expect(access(root, F_OK) != 0)
  }

  /// A riskd that lets it pass is found out.
  @Test(
    .enabled(
      if: BuiltPrograms.isWanted(BuiltPrograms.riskd),
      "riskd is not built beside the tests: swift build --product riskd"))
  func `a rule that does not fire fails the day`() throws {
    try #require(BuiltPrograms.isBuilt(BuiltPrograms.riskd), "\(BuiltPrograms.riskd) is missing")
    let shipped = SourceFolder.path("config/demo")
    let folder = "/tmp/riskd-demo-loose-\(getpid())"
    try FileManager.default.copyItem(atPath: shipped, toPath: folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let rules = try String(contentsOfFile: folder + "/risk_config.yaml", encoding: .utf8)
    let loose = rules.replacing("MNQ: 2 ", with: "MNQ: 4 ")
    try #require(loose != rules)
    try loose.write(toFile: folder + "/risk_config.yaml", atomically: true, encoding: .utf8)
    let day = try file(
      """
      {"title": "Too many", "steps": [
        {"at": 0, "do": "note", "text": "1. One contract too many"},
        {"at": 100, "do": "place", "account": 1001, "contract": "MNQ", "side": "buy", "size": 3}
      ]}
      """)
    defer { unlink(day) }
    var options = DemoOptions(riskd: BuiltPrograms.riskd)
    options.configuration = folder
    options.scenario = day
    options.handlesSignals = false
    options.chapterLimit = .seconds(2)
    let transcript = Transcript()
    #expect(Demonstration.give(options, write: transcript.write) == .failed)
    for part in [
      "chapter 1: RULE-002 max_contracts_per_instrument was not seen",
      "account 1001 is still long 3 MNQ", "riskd's last lines:", "Stopped: riskd",
    ] {
      #expect(transcript.text.contains(part), "'\(part)' is missing in\n\(transcript.text)")
    }
  }

  /// Ctrl+C in the middle of it, with `--stay`.
  @Test(
    .enabled(
      if: BuiltPrograms.isWanted(BuiltPrograms.risksim)
        && BuiltPrograms.isWanted(BuiltPrograms.riskd),
      "riskd and risksim are not built beside the tests: swift build"))
  func `an interrupt stops everything in order`() throws {
    let reactor = try Reactor()
    let pipe = try PipePair.make()
    let child = try ChildProcess.spawn(
      ChildLaunch(
        executable: BuiltPrograms.risksim,
        arguments: [
          "demo", "--stay", "--riskd", BuiltPrograms.riskd, "--config",
          SourceFolder.path("config/demo"), "--scenario",
          SourceFolder.path("config/scenarios/trading-day.json"),
        ], environment: ChildEnvironment.inherited(), output: pipe.writeEnd,
        errorOutput: pipe.writeEnd))
    pipe.writeEnd.close()
    var lines: [String] = []
    var status: ChildProcess.ExitStatus?
    var isSilent = false
    let reader = try LineReader(pipe.readEnd, on: reactor) { line in
      lines.append(String(decoding: line, as: UTF8.self))
      // riskd protects and the first chapter is under way.
      if lines.last?.contains("buys 3 MNQ") == true { _ = try? child.signal(SIGINT) }
    } onEnd: {
      if status != nil { reactor.stop() }
      isSilent = true
    }
    try child.whenEnded(on: reactor) { ended in
      status = ended
      if isSilent { reactor.stop() }
    }
    reactor.schedule(after: .seconds(90)) { reactor.stop() }
    reactor.run()
    reader.close()
    if status == nil { try child.signal(SIGKILL) }
    let text = lines.joined(separator: "\n")
    #expect(status == .exited(code: 130), "\(text)")
    #expect(text.contains("riskctl status --root /"))
    #expect(text.contains("Stopped: riskd and its workers are gone"))
    let match = try #require(text.firstMatch(of: /starts \(pid (\d+)\)/))
    let pid = try #require(Int32(match.output.1))
    #expect(kill(pid, 0) != 0)
  }
}

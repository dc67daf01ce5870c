import Foundation
import Glibc
import Logging
import ProcessControl
import RiskModel
import Supervision
import SupervisorRole
import Testing

@Suite struct ProcessTableTests {
  @Test func aWorkerWithoutSettingsIsNotStarted() throws {
    let table = ProcessTable(executable: "/bin/false", settings: [:], on: try Reactor())
    #expect(throws: SupervisorError.settingsMissing(worker: "gateway")) {
      try table.spawn(.gateway, life: 1)
    }
  }

  @Test func aWorkerWithoutAProcessGetsNothing() throws {
    let table = ProcessTable(executable: "/bin/false", settings: [:], on: try Reactor())
    table.send(.stop, to: .gateway)
    #expect(throws: SupervisorError.workerAbsent(worker: "gateway")) {
      try table.signal(.kill, to: .gateway)
    }
    #expect(throws: SupervisorError.workerAbsent(worker: "evaluator")) {
      try table.makeLink(.verdict, epoch: 1)
    }
  }

  @Test func recordsThatCannotBeReadDoNotKeepTheSupervisorFromStarting() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    try "damaged".write(toFile: root.deathsFile, atomically: false, encoding: .utf8)
    try FileManager.default.createDirectory(
      atPath: root.historyFile, withIntermediateDirectories: false)
    let world = try SupervisedProcesses(root: root)
    #expect(
      world.logged.texts == [
        "the history starts anew: \(root.historyFile): read: Is a directory",
        "the window of deaths starts anew: \(root.deathsFile) is not readable as what it should be",
      ])
    try world.startReady()
    #expect(world.logged.texts.contains { $0.hasPrefix("records are not kept: ") })
    try world.end()
  }

  @Test func aFileThatCannotBeReplacedIsToldSo() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    try FileManager.default.createDirectory(
      atPath: root.deathsFile, withIntermediateDirectories: false)
    #expect {
      try KeptRecords(directory: root.path + "/data").save(DeathWindow(boot: "b"))
    } throws: {
      "\($0)" == "\(root.deathsFile): rename: Is a directory"
    }
    #expect(access(root.deathsFile + ".new", F_OK) != 0)
  }
}

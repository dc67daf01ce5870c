import Benchmarks
import Foundation
import RiskModel
import Testing

@Suite struct FloorTests {
  static let few = Rounds(20, limit: .seconds(20), warmUp: 2)

  @Test func `bytes go through pipes and back`() throws {
    try expectSpans(PipeFloor.measure(Self.few))
  }

  @Test func `a file takes records and is gone afterwards`() throws {
    let path = temporaryPath()
    try expectSpans(AppendFloor.measure(Self.few, path: path))
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a place that cannot be written is an error`() {
    #expect(
      throws: BenchmarkError.unwritable(
        path: "/nowhere/a", problem: "No such file or directory")
    ) { try AppendFloor.measure(Self.few, path: "/nowhere/a") }
    #expect(throws: BenchmarkError.self) {
      try DatabaseFloor.measure(Self.few, path: "/nowhere/a")
    }
  }

  @Test func `a database takes rows and is gone afterwards`() throws {
    let path = temporaryPath()
    try expectSpans(DatabaseFloor.measure(Self.few, path: path))
    for ending in ["", "-wal", "-shm"] {
      #expect(!FileManager.default.fileExists(atPath: path + ending))
    }
  }

  @Test func `requests are answered, plain and with TLS`() throws {
    try expectSpans(HTTPFloor.measure(Self.few))
    let certificate = try TemporaryCertificate()
    try expectSpans(HTTPFloor.measure(Self.few, certificate: certificate))
  }

  @Test func `a certificate goes with its owner`() throws {
    var certificate: TemporaryCertificate? = try TemporaryCertificate()
    let path = try #require(certificate?.keyFile)
    #expect(FileManager.default.fileExists(atPath: path))
    certificate = nil
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a program is started and ends`() throws {
    try expectSpans(
      SpawnFloor.measure(
        Rounds(3, limit: .seconds(20), warmUp: 1), program: "/bin/true", arguments: []))
    #expect(throws: BenchmarkError.programMissing(path: "/nowhere/a")) {
      try SpawnFloor.measure(Self.few, program: "/nowhere/a", arguments: [])
    }
    #expect(throws: BenchmarkError.processFailed("/bin/false did not end as it should")) {
      try SpawnFloor.measure(Self.few, program: "/bin/false", arguments: [])
    }
  }

  @Test func `time bounds the rounds`() throws {
    let rounds = Rounds(1_000_000_000, limit: .milliseconds(20), warmUp: 0)
    let path = temporaryPath()
    let percentiles = try AppendFloor.measure(rounds, path: path)
    #expect(percentiles.count < rounds.count)
  }

  @Test func `all floors are distributions with names`() throws {
    let floors = try MachineFloors(Self.few)
    let names = floors.distributions.map(\.name)
    #expect(
      names.prefix(6) == [
        "floor.pipe", "floor.pipe.paused", "floor.append", "floor.database",
        "floor.database.paused", "floor.http",
      ])
    #expect(floors.path.p50 == floors.pausedPipe.p50 + floors.pausedDatabase.p50)
  }

  private func expectSpans(
    _ percentiles: Percentiles, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(percentiles.count > 0, sourceLocation: sourceLocation)
    #expect(percentiles.p50 > .zero, sourceLocation: sourceLocation)
    #expect(percentiles.p50 <= percentiles.p99, sourceLocation: sourceLocation)
    #expect(percentiles.p99 <= percentiles.max, sourceLocation: sourceLocation)
  }

  private func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.appending(path: "floor-\(UUID())").path()
  }
}

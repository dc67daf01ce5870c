import RiskModel

/// What this machine takes for the parts that the paths of riskd are made of.
package struct MachineFloors: Equatable, Sendable {
  package var pipe: Percentiles
  package var append: Percentiles
  package var database: Percentiles
  /// The same after three milliseconds in which nothing happened: breaches are rare.
  package var pausedPipe: Percentiles
  package var pausedDatabase: Percentiles
  package var http: Percentiles
  /// `nil` where the `openssl` program, which makes the certificate, is missing.
  package var https: Percentiles?

  package init(_ rounds: Rounds) throws(BenchmarkError) {
    let folder = try SystemFile.temporaryFolder("riskbench-floors")
    defer { SystemFile.removeFolder(folder) }
    pipe = try PipeFloor.measure(rounds)
    append = try AppendFloor.measure(rounds, path: folder + "/append")
    database = try DatabaseFloor.measure(rounds, path: folder + "/floor.db")
    var paused = rounds
    paused.pause = .milliseconds(3)
    pausedPipe = try PipeFloor.measure(paused)
    pausedDatabase = try DatabaseFloor.measure(paused, path: folder + "/paused.db")
    http = try HTTPFloor.measure(rounds)
    do throws(BenchmarkError) {
      https = try HTTPFloor.measure(rounds, certificate: try TemporaryCertificate())
    } catch BenchmarkError.programMissing {
      https = nil
    }
  }

  package var distributions: [BenchmarkReport.Distribution] {
    var list = [
      BenchmarkReport.Distribution("floor.pipe", "floor: 512 B through pipes and back", pipe),
      BenchmarkReport.Distribution(
        "floor.pipe.paused", "  the same, one every 3 ms", pausedPipe),
      BenchmarkReport.Distribution("floor.append", "floor: append of 512 B", append),
      BenchmarkReport.Distribution("floor.database", "floor: SQLite commit of a row", database),
      BenchmarkReport.Distribution(
        "floor.database.paused", "  the same, one every 3 ms", pausedDatabase),
      BenchmarkReport.Distribution("floor.http", "floor: HTTP exchange, plain", http),
    ]
    if let https {
      list.append(
        BenchmarkReport.Distribution("floor.https", "floor: HTTP exchange, TLS", https))
    }
    return list
  }

  /// The way of an event to the request: two pipes, which is one round trip, and a commit between.
  package var path: Percentiles { pausedPipe + pausedDatabase }
  static let pathName =
    "pipe round trip + SQLite commit, one every 3 ms, the same percentile of each"
}

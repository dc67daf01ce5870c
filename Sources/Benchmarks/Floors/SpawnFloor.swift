import Glibc
import ProcessControl
import RiskModel

/// What it takes to start a program that says its version, and to see it end.
package enum SpawnFloor {
  package static func measure(
    _ rounds: Rounds, program: String, arguments: [String]
  ) throws(BenchmarkError) -> Percentiles {
    guard access(program, X_OK) == 0 else { throw .programMissing(path: program) }
    let silence = try SystemFile.nowhere()
    return try rounds.measure { () throws(BenchmarkError) in
      try runOnce(program, arguments, silence)
    }
  }

  private static func runOnce(
    _ program: String, _ arguments: [String], _ silence: Descriptor
  ) throws(BenchmarkError) {
    let child: ChildProcess
    do {
      child = try ChildProcess.spawn(
        ChildLaunch(
          executable: program, arguments: arguments, environment: ChildEnvironment.inherited(),
          output: silence, errorOutput: silence))
    } catch {
      throw .processFailed("\(error)")
    }
    guard child.waitForEnd(atMost: .seconds(5)) == .exited(code: 0) else {
      child.endNow()
      throw .processFailed("\(program) did not end as it should")
    }
  }
}

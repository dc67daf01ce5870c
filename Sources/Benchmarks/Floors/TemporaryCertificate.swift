import Glibc
import ProcessControl
import RiskModel

/// A certificate of this machine for itself, made by the `openssl` program in a folder of its own
/// that goes when nobody refers to it any more.
package final class TemporaryCertificate: Sendable {
  private static let programs = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/bin/openssl"]

  private let folder: String

  /// - Throws: `BenchmarkError.programMissing` without `openssl`.
  package init() throws(BenchmarkError) {
    folder = try SystemFile.temporaryFolder("riskbench-tls")
    guard let program = Self.programs.first(where: { access($0, X_OK) == 0 }) else {
      throw .programMissing(path: Self.programs[0])
    }
    let silence = try SystemFile.nowhere()
    let child: ChildProcess
    do {
      child = try ChildProcess.spawn(
        ChildLaunch(
          executable: program, arguments: arguments,
          environment: ChildEnvironment.inherited(), output: silence, errorOutput: silence))
    } catch {
      throw .processFailed("\(error)")
    }
    guard child.waitForEnd(atMost: .seconds(20)) == .exited(code: 0) else {
      child.endNow()
      throw .processFailed("openssl made no certificate")
    }
  }

  deinit { SystemFile.removeFolder(folder) }

  package var certificateFile: String { folder + "/certificate.pem" }
  package var keyFile: String { folder + "/key.pem" }

  private var arguments: [String] {
    [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "2", "-subj", "/CN=localhost", "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", keyFile, "-out", certificateFile,
    ]
  }
}

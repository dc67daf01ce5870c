import Glibc
import ProcessControl
import RiskModel

/// A certificate authority for tests that exists as long as it is referred to: made by the `openssl`
/// program, in a folder below `/tmp` that only its owner enters and that goes with it.
///
/// A client that is to accept the venue trusts `authorityFile`; nothing else on the machine does.
package final class TestAuthority: Sendable {
  private static let programs = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/bin/openssl"]
  private static let patience = TimeSpan.seconds(20)
  private static let newKey = [
    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
  ]

  /// What the certificates that a client should accept are for.
  package static let loopbackNames = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"]

  private let folder: String
  private let program: String

  /// Errors: no `openssl` program, or one that fails.
  package init() throws(SimulatedVenueError) {
    guard let program = Self.programs.first(where: { access($0, X_OK) == 0 }) else {
      throw .noCertificate(reason: "the program openssl is missing")
    }
    var template = Array("/tmp/risksim-tls-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .noCertificate(reason: "no folder below /tmp: \(String(cString: strerror(errno)))")
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    self.program = program
    try run(
      ["req", "-x509", "-days", "2", "-subj", "/CN=Simulated venue authority"] + Self.newKey
        + ["-keyout", authorityKeyFile, "-out", authorityFile])
  }

  deinit {
    for name in names(in: folder) { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  /// The certificate of the authority, in PEM.
  package var authorityFile: String { folder + "/authority.pem" }
  private var authorityKeyFile: String { folder + "/authority-key.pem" }

  /// Makes a certificate for those names and gives its files, which live as long as the authority.
  /// An expired one ended a day ago. `label` tells certificates of one authority apart.
  package func certificate(
    for names: [String] = TestAuthority.loopbackNames, isExpired: Bool = false,
    label: String = "venue"
  ) throws(SimulatedVenueError) -> VenueTLS {
    let files = VenueTLS(
      certificateFile: "\(folder)/\(label).pem", privateKeyFile: "\(folder)/\(label)-key.pem")
    let request = "\(folder)/\(label)-request.pem"
    try run(
      ["req", "-subj", "/CN=\(label)"] + Self.newKey
        + ["-addext", "subjectAltName=\(names.joined(separator: ","))"]
        + ["-keyout", files.privateKeyFile, "-out", request])
    // The program counts the days of validity from now; one less than none lies in the past.
    try run([
      "x509", "-req", "-in", request, "-CA", authorityFile, "-CAkey", authorityKeyFile,
      "-CAcreateserial", "-copy_extensions", "copy", "-days", isExpired ? "-1" : "2", "-out",
      files.certificateFile,
    ])
    return files
  }

  private func run(_ arguments: [String]) throws(SimulatedVenueError) {
    let silence = open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard silence >= 0 else { throw .noCertificate(reason: "/dev/null cannot be opened") }
    let output = Descriptor(owning: silence)
    let status: ChildProcess.ExitStatus?
    do {
      let reactor = try Reactor()
      let child = try ChildProcess.spawn(
        ChildLaunch(
          executable: program, arguments: arguments, environment: ["PATH": "/usr/bin:/bin"],
          output: output, errorOutput: output))
      try child.whenEnded(on: reactor) { [unowned reactor] _ in reactor.stop() }
      reactor.schedule(after: Self.patience) { [unowned reactor] in reactor.stop() }
      reactor.run()
      status = child.exitStatus
      if status == nil { _ = try child.signal(SIGKILL) }
    } catch {
      throw .noCertificate(reason: "\(error)")
    }
    guard status == .exited(code: 0) else {
      throw .noCertificate(reason: "openssl \(arguments[0]) failed")
    }
  }

  private func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}

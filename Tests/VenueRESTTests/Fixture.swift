import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RiskModel
import Testing
import VenueREST

struct TestClock: RiskModel.Clock {
  func now() -> Instant { Instant(secondsSinceEpoch: Int64(time(nil))) }
  func monotonicNow() -> MonotonicInstant {
    MonotonicInstant(nanos: Int64(NIODeadline.now().uptimeNanoseconds))
  }
}

/// Calls of a test that may be answered later.
final class Answers: Sendable {
  private let reports = NIOLockedValueBox<[String: HTTPReport]>([:])

  subscript(_ name: String) -> HTTPReport? { reports.withLockedValue { $0[name] } }

  func keep(_ name: String) -> @Sendable (HTTPReport) -> Void {
    { [reports] report in reports.withLockedValue { $0[name] = report } }
  }
}

extension RESTClient {
  /// Reading the system's authorities takes long, so tests without encryption share one.
  static let sharedTLS = Result { try VenueTLS() }

  static func toServer(
    _ port: Int, scheme: String = "http", host: String = "127.0.0.1", tls: VenueTLS? = nil,
    options: RESTOptions = RESTOptions()
  ) throws -> RESTClient {
    try RESTClient(
      address: VenueAddress("\(scheme)://\(host):\(port)"), tls: tls ?? sharedTLS.get(),
      clock: TestClock(), loop: MultiThreadedEventLoopGroup.singleton.next(), options: options)
  }

  static func toServer(
    _ server: ScriptedServer, options: RESTOptions = RESTOptions()
  ) throws -> RESTClient {
    try toServer(server.port, options: options)
  }

  func call(
    _ path: String, body: String = "{}", token: String? = nil, within: TimeSpan = .seconds(60),
    priority: HTTPPriority = .normal
  ) async -> HTTPReport {
    await withCheckedContinuation { continuation in
      send(
        HTTPCall(
          method: .post, path: path, body: Array(body.utf8), token: token.map { Secret($0) }),
        deadline: TestClock().monotonicNow() + within, priority: priority
      ) { continuation.resume(returning: $0) }
    }
  }

  func start(
    _ path: String, _ answers: Answers, priority: HTTPPriority = .normal,
    within: TimeSpan = .seconds(60)
  ) {
    send(
      HTTPCall(method: .post, path: path), deadline: TestClock().monotonicNow() + within,
      priority: priority, completion: answers.keep(path))
  }
}

extension HTTPReport {
  var status: Int? { if case .response(let reply) = outcome { reply.status } else { nil } }
  var text: String? {
    if case .response(let reply) = outcome {
      String(decoding: reply.body, as: UTF8.self)
    } else {
      nil
    }
  }
}

/// Waits until a condition holds, for at most a minute.
func eventually(
  _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) async throws {
  let deadline = TestClock().monotonicNow() + .seconds(60)
  repeat {
    if condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  } while TestClock().monotonicNow() < deadline
  Issue.record("never happened: \(what)", sourceLocation: sourceLocation)
}

/// A fresh directory with a certificate for `localhost` that vouches for itself.
final class Certificate {
  let directory: String
  var certificateFile: String { directory + "/certificate.pem" }
  var keyFile: String { directory + "/key.pem" }

  /// An expired one ended a day ago.
  init(names: String, isExpired: Bool = false) throws {
    var template = Array(("/tmp/venue-rest-" + String(repeating: "X", count: 6)).utf8CString)
    guard mkdtemp(&template) != nil else { throw CertificateProblem.noDirectory }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let status = system(
      """
      openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
      -subj /CN=localhost -addext subjectAltName=\(names) \
      -keyout \(directory)/key.pem -out \(directory)/request.pem 2>/dev/null &&
      openssl x509 -req -in \(directory)/request.pem -signkey \(directory)/key.pem \
      -copy_extensions copy -days \(isExpired ? -1 : 2) -out \(directory)/certificate.pem \
      2>/dev/null
      """)
    guard status == 0 else { throw CertificateProblem.openssl(status) }
  }

  deinit {
    unlink(directory + "/certificate.pem")
    unlink(directory + "/key.pem")
    unlink(directory + "/request.pem")
    rmdir(directory)
  }
}

enum CertificateProblem: Error {
  case noDirectory
  case openssl(Int32)
}

import Glibc
import HubClient
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

/// What a transport reported, in order.
final class EventLog: Sendable {
  private let events = NIOLockedValueBox<[HubTransportEvent]>([])

  var all: [HubTransportEvent] { events.withLockedValue { $0 } }
  var isOpen: Bool { all.first == .opened && !isClosed }
  var isClosed: Bool { if case .closed = all.last { true } else { false } }
  var closings: [HubTransportError?] {
    all.compactMap { if case .closed(let error) = $0 { .some(error) } else { nil } }
  }
  var bytes: [UInt8] {
    all.flatMap { if case .bytes(let bytes, _) = $0 { bytes } else { [] as [UInt8] } }
  }
  var text: String { String(decoding: bytes, as: UTF8.self) }

  func add(_ event: HubTransportEvent) {
    events.withLockedValue { $0.append(event) }
  }
}

/// A transport under test and what it reported.
struct Session {
  static let token = "eyJ.a+b/c=&x y.é~-_"
  /// Reading the system's authorities takes long, so tests without encryption share one.
  static let sharedTLS = Result { try VenueTLS() }
  /// Long enough for a machine that is busy with other things.
  static let patient = HubTransportOptions(
    connectTimeout: .seconds(60), closeTimeout: .seconds(60))

  let transport: HubTransport
  let log: EventLog

  static func start(
    _ port: Int, scheme: String = "ws", host: String = "127.0.0.1", tls: VenueTLS? = nil,
    options: HubTransportOptions = patient
  ) throws -> Session {
    let log = EventLog()
    let connector = try HubTransportConnector(
      group: MultiThreadedEventLoopGroup.singleton, tls: tls ?? sharedTLS.get(), clock: TestClock(),
      options: options)
    let transport = try connector.connect(
      VenueAddress("\(scheme)://\(host):\(port)/hubs/user"), token: Secret(token),
      events: { log.add($0) })
    return Session(transport: transport, log: log)
  }

  static func opened(
    _ hub: RawHub, options: HubTransportOptions = patient
  ) async throws -> Session {
    let session = try start(hub.port, options: options)
    try await eventually("the transport is open") { session.log.isOpen }
    return session
  }

  /// Waits for the end, which must come once and as the last event, and must not show the token.
  func end() async throws -> HubTransportError? {
    try await eventually("the transport is closed") { log.isClosed }
    #expect(log.closings.count == 1)
    for event in log.all { #expect(!"\(event)".contains("eyJ")) }
    return try #require(log.closings.first)
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
  init(isExpired: Bool = false) throws {
    var template = Array(("/tmp/hub-client-" + String(repeating: "X", count: 6)).utf8CString)
    guard mkdtemp(&template) != nil else { throw CertificateProblem.noDirectory }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let status = system(
      """
      openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
      -subj /CN=localhost -addext subjectAltName=DNS:localhost \
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

import HubClient
import NIOSSL
import RiskModel
import Testing
import VenueREST

@Suite struct HubEncryptionTests {
  private func hub(_ certificate: Certificate) async throws -> RawHub {
    let chain = try NIOSSLCertificate.fromPEMFile(certificate.certificateFile)
    let key = try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)
    return try await RawHub(
      tls: NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))))
  }

  @Test func aGivenAuthorityIsTrusted() async throws {
    let certificate = try Certificate()
    let hub = try await hub(certificate)
    let session = try Session.start(
      hub.port, scheme: "wss", host: "localhost",
      tls: VenueTLS(additionalAuthorityFile: certificate.certificateFile))
    try await eventually("the transport is open") { session.log.isOpen }
    hub.write(text("hello"))
    try await eventually("the frame arrives") { session.log.text == "hello" }
    hub.end()
    #expect(try await session.end() == .endOfStream)
  }

  @Test func aCertificateThatNobodyVouchesForIsRefused() async throws {
    let certificate = try Certificate()
    let hub = try await hub(certificate)
    let error = try await Session.start(hub.port, scheme: "wss", host: "localhost").end()
    guard case .tlsFailed(let problem) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problem.contains("CERTIFICATE_VERIFY_FAILED"))
    #expect(hub.head.isEmpty)
  }

  @Test func aCertificateForAnotherNameIsRefused() async throws {
    let certificate = try Certificate()
    let hub = try await hub(certificate)
    let error = try await Session.start(
      hub.port, scheme: "wss", host: "127.0.0.1",
      tls: VenueTLS(additionalAuthorityFile: certificate.certificateFile)
    ).end()
    guard case .tlsFailed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(hub.head.isEmpty)
  }

  @Test func theConnectionIsCutWithoutGoodbye() async throws {
    let certificate = try Certificate()
    let hub = try await hub(certificate)
    let session = try Session.start(
      hub.port, scheme: "wss", host: "localhost",
      tls: VenueTLS(additionalAuthorityFile: certificate.certificateFile))
    try await eventually("the transport is open") { session.log.isOpen }
    hub.reset()
    #expect(try await session.end() != nil)
  }
}

import HubClient
import NIOSSL
import RiskModel
import Testing
import VenueREST

@Suite struct HubEncryptionTests {
  private func hub(
    _ certificate: Certificate, most: TLSVersion = .tlsv13, cipher: NIOTLSCipher? = nil
  ) async throws -> RawHub {
    let chain = try NIOSSLCertificate.fromPEMFile(certificate.certificateFile)
    let key = try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv1
    configuration.maximumTLSVersion = most
    if let cipher { configuration.cipherSuiteValues = [cipher] }
    return try await RawHub(tls: NIOSSLContext(configuration: configuration))
  }

  private func expectRefused(_ hub: RawHub, _ certificate: Certificate) async throws {
    let error = try await Session.start(
      hub.port, scheme: "wss", host: "localhost",
      tls: VenueTLS(additionalAuthorityFile: certificate.certificateFile)
    ).end()
    guard case .tlsFailed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(hub.head.isEmpty)
  }

  @Test func oldTLSIsRefused() async throws {
    let certificate = try Certificate()
    try await expectRefused(hub(certificate, most: .tlsv11), certificate)
  }

  @Test func anExpiredCertificateIsRefused() async throws {
    let certificate = try Certificate(isExpired: true)
    try await expectRefused(hub(certificate), certificate)
  }

  @Test func onlyAuthenticatedEncryptionIsAccepted() async throws {
    let certificate = try Certificate()
    try await expectRefused(
      hub(certificate, most: .tlsv12, cipher: .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA), certificate)
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

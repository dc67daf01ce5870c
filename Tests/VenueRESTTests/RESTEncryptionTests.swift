import NIOSSL
import RiskModel
import Testing
import VenueREST

@Suite struct RESTEncryptionTests {
  private func server(
    _ certificate: Certificate, most: TLSVersion = .tlsv13, cipher: NIOTLSCipher? = nil
  ) async throws -> ScriptedServer {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificateFile).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)))
    configuration.minimumTLSVersion = .tlsv1
    configuration.maximumTLSVersion = most
    if let cipher { configuration.cipherSuiteValues = [cipher] }
    return try await ScriptedServer(tls: NIOSSLContext(configuration: configuration)) { _ in
      [ScriptedServer.reply("{}")]
    }
  }

  private func outcome(
    _ server: ScriptedServer, host: String = "localhost", authority: String?
  ) async throws -> HTTPReport {
    let client = try RESTClient.toServer(
      server.port, scheme: "https", host: host,
      tls: VenueTLS(additionalAuthorityFile: authority))
    let report = await client.call("/x")
    client.close()
    return report
  }

  private func expectRefused(_ report: HTTPReport) {
    guard case .notSent(.connectFailed(let problem)) = report.outcome else {
      Issue.record("\(report.outcome)")
      return
    }
    #expect(!problem.isEmpty)
  }

  @Test func aCertificateThatNobodyVouchesForIsRefused() async throws {
    let certificate = try Certificate(names: "DNS:localhost")
    let server = try await server(certificate)
    expectRefused(try await outcome(server, authority: nil))
    #expect(server.requests.isEmpty)
  }

  @Test(arguments: ["localhost", "127.0.0.1"])
  func aGivenAuthorityIsTrusted(host: String) async throws {
    let certificate = try Certificate(names: "DNS:localhost,IP:127.0.0.1")
    let server = try await server(certificate)
    let report = try await outcome(server, host: host, authority: certificate.certificateFile)
    #expect(report.status == 200)
    #expect(report.bytesHandedToSocketAt != nil)
  }

  @Test(arguments: ["localhost", "127.0.0.1"])
  func aCertificateForAnotherNameIsRefused(host: String) async throws {
    let certificate = try Certificate(names: "DNS:venue.example")
    let server = try await server(certificate)
    expectRefused(
      try await outcome(server, host: host, authority: certificate.certificateFile))
    #expect(server.requests.isEmpty)
  }

  @Test func oldTLSIsRefused() async throws {
    let certificate = try Certificate(names: "DNS:localhost")
    let server = try await server(certificate, most: .tlsv11)
    expectRefused(try await outcome(server, authority: certificate.certificateFile))
    #expect(server.requests.isEmpty)
  }

  @Test func anExpiredCertificateIsRefused() async throws {
    let certificate = try Certificate(names: "DNS:localhost", isExpired: true)
    let server = try await server(certificate)
    expectRefused(try await outcome(server, authority: certificate.certificateFile))
    #expect(server.requests.isEmpty)
  }

  @Test(arguments: [
    (NIOTLSCipher.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true),
    (.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true),
    (.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false),
    (.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, false),
  ])
  func onlyAuthenticatedEncryptionIsAccepted(cipher: NIOTLSCipher, isAccepted: Bool) async throws {
    let certificate = try Certificate(names: "DNS:localhost")
    let server = try await server(certificate, most: .tlsv12, cipher: cipher)
    let report = try await outcome(server, authority: certificate.certificateFile)
    if isAccepted {
      #expect(report.status == 200)
    } else {
      expectRefused(report)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func aServerThatDoesNotEncrypt() async throws {
    let server = try await ScriptedServer { _ in [ScriptedServer.reply("{}")] }
    let client = try RESTClient.toServer(
      server.port, scheme: "https",
      options: RESTOptions(warmConnections: 1, connectTimeout: .milliseconds(400)))
    expectRefused(await client.call("/x"))
    client.close()
  }

  @Test func anAuthorityFileMustBeThere() async throws {
    #expect(throws: VenueRESTError.self) {
      try VenueTLS(additionalAuthorityFile: "/nonexistent/authority.pem")
    }
  }
}

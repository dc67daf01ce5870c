package import NIOCore
import NIOSSL

/// How certificates of the venue are checked: always, with TLS 1.2 or newer.
package struct VenueTLS: Sendable {
  /// Of TLS 1.2, those with a key of their own for each connection and with authenticated
  /// encryption; TLS 1.3 has no others.
  private static let ciphers: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]

  private let context: NIOSSLContext

  /// Trusts the authorities of the system and, where given, those in a PEM file.
  package init(additionalAuthorityFile: String? = nil) throws(VenueRESTError) {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = Self.ciphers
    configuration.certificateVerification = .fullVerification
    configuration.applicationProtocols = ["http/1.1"]
    do {
      if let file = additionalAuthorityFile {
        let authorities = try NIOSSLCertificate.fromPEMFile(file)
        configuration.additionalTrustRoots = [.certificates(authorities)]
      }
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw .authorityFileUnusable(
        path: additionalAuthorityFile ?? "of the system", problem: "\(error)")
    }
  }

  /// Puts encryption for a connection to an address at the front of a channel's handlers.
  package func addHandler(
    to pipeline: ChannelPipeline.SynchronousOperations, for address: VenueAddress
  ) throws {
    let isNumeric = (try? SocketAddress(ipAddress: address.host, port: address.port)) != nil
    try pipeline.addHandler(
      NIOSSLClientHandler(context: context, serverHostname: isNumeric ? nil : address.host),
      position: .first)
  }
}

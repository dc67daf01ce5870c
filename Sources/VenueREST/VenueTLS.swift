package import NIOCore
import NIOSSL

/// How certificates of the venue are checked: always, with TLS 1.2 or newer.
package struct VenueTLS: Sendable {
  private let context: NIOSSLContext

  /// Trusts the authorities of the system and, where given, those in a PEM file.
  package init(additionalAuthorityFile: String? = nil) throws(VenueRESTError) {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
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
      NIOSSLClientHandler(context: context, serverHostname: isNumeric ? nil : address.host))
  }
}

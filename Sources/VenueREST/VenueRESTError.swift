/// What can be wrong with the way to the venue before anything is sent. Texts of addresses are not
/// carried, as people put passwords into them.
package enum VenueRESTError: Error, Equatable, Sendable {
  case unsupportedScheme
  /// User names, queries and fragments have no place in a configured address.
  case unexpectedAddressPart(String)
  case invalidHost
  case invalidPort
  case invalidPath
  /// Plain http and ws are for simulators on this machine.
  case plainNotLoopback(host: String)
  case authorityFileUnusable(path: String, problem: String)
}

extension VenueRESTError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unsupportedScheme: "the address does not start with https://, http://, wss:// or ws://"
    case .unexpectedAddressPart(let part): "the address must not contain \(part)"
    case .invalidHost: "the address has no valid host name"
    case .invalidPort: "the port of the address is not between 1 and 65535"
    case .invalidPath: "the path of the address has characters that a path may not have"
    case .plainNotLoopback(let host):
      "an address without encryption is allowed on this machine only, not for \(host)"
    case .authorityFileUnusable(let path, let problem):
      "the certificate authority file \(path) cannot be used: \(problem)"
    }
  }
}

import Glibc

/// A URL of the venue, in parts: `https://rtc.topstepx.com/hubs/user`.
///
/// No user, query or fragment: what is secret does not belong in a URL of the configuration.
package struct VenueEndpoint: Hashable, Sendable, Codable {
  package var scheme: Scheme
  /// Lower case; an IPv6 address without its brackets.
  package var host: String
  package var port: UInt16
  /// Empty, or begins with a slash and does not end with one.
  package var path: String

  package init(scheme: Scheme, host: String, port: UInt16, path: String) {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.path = path
  }

  package enum Scheme: String, Sendable, Codable, CaseIterable {
    case https
    case http
    case wss
    case ws

    package var isEncrypted: Bool { self == .https || self == .wss }
    var standardPort: UInt16 { isEncrypted ? 443 : 80 }
  }

  /// Whether the host is this machine by its text alone, without asking a resolver: `localhost`,
  /// 127.0.0.0/8 or `::1`.
  package var isLoopback: Bool {
    if host == "localhost" { return true }
    if let address = VenueEndpoint.fourOctets(host) { return address[0] == 127 }
    return VenueEndpoint.sixteenOctets(host) == [UInt8](repeating: 0, count: 15) + [1]
  }

  /// Reads a URL with one of the four schemes; `nil` for anything that is not plainly one.
  package init?(_ text: String) {
    guard text.utf8.count <= 512, let colon = text.firstIndex(of: ":"),
      let scheme = Scheme(rawValue: text[..<colon].lowercased()),
      text[colon...].hasPrefix("://")
    else { return nil }
    let rest = text[colon...].dropFirst(3)
    let authority = rest.prefix { $0 != "/" }
    var path = rest[authority.endIndex...]
    while path.last == "/" { path.removeLast() }
    guard let (host, portText) = VenueEndpoint.hostAndPort(authority),
      path.utf8.allSatisfy(VenueEndpoint.isPathByte)
    else { return nil }
    var port = scheme.standardPort
    if let portText {
      guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = UInt16(portText), number > 0
      else { return nil }
      port = number
    }
    self.init(scheme: scheme, host: host.lowercased(), port: port, path: String(path))
  }

  private static func hostAndPort(_ authority: Substring) -> (Substring, Substring?)? {
    if authority.first == "[" {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      let host = authority[..<close].dropFirst()
      guard sixteenOctets(String(host)) != nil else { return nil }
      let after = authority[close...].dropFirst()
      if after.isEmpty { return (host, nil) }
      return after.first == ":" ? (host, after.dropFirst()) : nil
    }
    let host = authority.prefix { $0 != ":" }
    guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return nil }
    if host.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }) {
      guard fourOctets(String(host)) != nil else { return nil }
    }
    return (
      host, host.endIndex == authority.endIndex ? nil : authority[host.endIndex...].dropFirst()
    )
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  private static func isPathByte(_ byte: UInt8) -> Bool {
    isHostByte(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "~")
  }

  private static func fourOctets(_ host: String) -> [UInt8]? { octets(host, AF_INET, count: 4) }
  private static func sixteenOctets(_ host: String) -> [UInt8]? {
    octets(host, AF_INET6, count: 16)
  }

  private static func octets(_ host: String, _ family: Int32, count: Int) -> [UInt8]? {
    var address = [UInt8](repeating: 0, count: count)
    return inet_pton(family, host, &address) == 1 ? address : nil
  }
}

extension VenueEndpoint: CustomStringConvertible {
  /// The URL, without the port where it is the scheme's own.
  package var description: String {
    let shownHost = host.contains(":") ? "[\(host)]" : host
    let shownPort = port == scheme.standardPort ? "" : ":\(port)"
    return "\(scheme.rawValue)://\(shownHost)\(shownPort)\(path)"
  }
}

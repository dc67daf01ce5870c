/// Where a service of the venue is: `https://api.topstepx.com`, `https://rtc.topstepx.com/hubs/user`.
///
/// https and wss mean the same here, encrypted with verified certificates; http and ws mean plain
/// and are accepted for loopback addresses only.
package struct VenueAddress: Hashable, Sendable {
  package let isSecure: Bool
  /// Lower case; an IPv6 address is without its brackets.
  package let host: String
  package let port: Int
  /// Empty or starting with "/", never ending with it.
  package let path: String

  package init(_ text: String) throws(VenueRESTError) {
    let (isSecure, rest) = try VenueAddress.scheme(text)
    for (character, part) in [("@", "a user name"), ("?", "a query"), ("#", "a fragment")] {
      guard !rest.contains(character) else { throw .unexpectedAddressPart(part) }
    }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let (host, port) = try VenueAddress.authority(rest[..<slash])
    guard isSecure || VenueAddress.isLoopback(host) else { throw .plainNotLoopback(host: host) }
    self.isSecure = isSecure
    self.host = host
    self.port = port ?? (isSecure ? 443 : 80)
    path = try VenueAddress.path(rest[slash...])
  }

  /// Value of the Host header.
  package var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  /// The host to connect to. A name is not trusted to mean this machine where nothing is encrypted.
  package var connectHost: String { !isSecure && host == "localhost" ? "127.0.0.1" : host }

  private static func scheme(
    _ text: String
  ) throws(VenueRESTError) -> (isSecure: Bool, rest: Substring) {
    for (scheme, isSecure) in [
      ("https://", true), ("wss://", true), ("http://", false), ("ws://", false),
    ] where text.lowercased().hasPrefix(scheme) {
      return (isSecure, text.dropFirst(scheme.count))
    }
    throw .unsupportedScheme
  }

  private static func authority(
    _ text: Substring
  ) throws(VenueRESTError) -> (host: String, port: Int?) {
    var name = text
    var port: Substring?
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { throw .invalidHost }
      name = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.first == ":" else { throw .invalidHost }
      port = rest.isEmpty ? nil : rest.dropFirst()
      guard isAddress6(name) else { throw .invalidHost }
    } else {
      if let colon = text.firstIndex(of: ":") {
        name = text[..<colon]
        port = text[text.index(after: colon)...]
      }
      guard isName(name) else { throw .invalidHost }
    }
    guard let port else { return (name.lowercased(), nil) }
    guard port.utf8.allSatisfy({ $0.isASCIIDigit }), let number = UInt16(port), number > 0 else {
      throw .invalidPort
    }
    return (name.lowercased(), Int(number))
  }

  private static func path(_ text: Substring) throws(VenueRESTError) -> String {
    let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    guard isPlain else { throw .invalidPath }
    return String(text.last == "/" ? text.dropLast() : text)
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= 253
      && text.utf8.allSatisfy { $0.isASCIIDigit || $0.isASCIILetter || $0 == 0x2D || $0 == 0x2E }
  }

  private static func isAddress6(_ text: Substring) -> Bool {
    text.contains(":") && text.utf8.allSatisfy { $0.isHexDigit || $0 == 0x3A || $0 == 0x2E }
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension VenueAddress: CustomStringConvertible {
  package var description: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }
}

extension UInt8 {
  var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
  var isHexDigit: Bool {
    isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
  }
}

import Testing
import VenueREST

@Suite struct VenueAddressTests {
  @Test(arguments: [
    ("https://api.topstepx.com", true, "api.topstepx.com", 443, "", "api.topstepx.com"),
    ("HTTPS://Api.TopstepX.com/", true, "api.topstepx.com", 443, "", "api.topstepx.com"),
    (
      "https://rtc.topstepx.com/hubs/user", true, "rtc.topstepx.com", 443, "/hubs/user",
      "rtc.topstepx.com"
    ),
    (
      "wss://rtc.topstepx.com:8443/hubs/", true, "rtc.topstepx.com", 8443, "/hubs",
      "rtc.topstepx.com:8443"
    ),
    ("http://127.0.0.1:8080", false, "127.0.0.1", 8080, "", "127.0.0.1:8080"),
    ("ws://localhost/hub", false, "localhost", 80, "/hub", "localhost"),
    ("http://[::1]:9", false, "::1", 9, "", "[::1]:9"),
    ("https://[2001:DB8::1]", true, "2001:db8::1", 443, "", "[2001:db8::1]"),
    ("https://h:443", true, "h", 443, "", "h"),
  ])
  func addresses(
    text: String, isSecure: Bool, host: String, port: Int, path: String, authority: String
  ) throws {
    let address = try VenueAddress(text)
    #expect(address.isSecure == isSecure)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.path == path)
    #expect(address.authority == authority)
    #expect("\(address)" == "\(isSecure ? "https" : "http")://\(authority)\(path)")
  }

  @Test(arguments: [
    ("", VenueRESTError.unsupportedScheme), ("api.topstepx.com", .unsupportedScheme),
    ("ftp://x", .unsupportedScheme), ("https://", .invalidHost), ("https:///x", .invalidHost),
    ("https://a b", .invalidHost), ("https://ä.example", .invalidHost),
    ("https://[::1", .invalidHost), ("https://[::1]x", .invalidHost),
    ("https://[::g]", .invalidHost), ("https://[abc]", .invalidHost),
    ("https://x:", .invalidPort), ("https://x:0", .invalidPort), ("https://x:65536", .invalidPort),
    ("https://x:+1", .invalidPort), ("https://x:1:2", .invalidPort),
    ("https://u:p@x", .unexpectedAddressPart("a user name")),
    ("https://x/?access_token=1", .unexpectedAddressPart("a query")),
    ("https://x/#a", .unexpectedAddressPart("a fragment")),
    ("https://x/a b", .invalidPath), ("https://x/é", .invalidPath),
    ("http://api.topstepx.com", .plainNotLoopback(host: "api.topstepx.com")),
    ("ws://192.168.0.1", .plainNotLoopback(host: "192.168.0.1")),
    ("http://127.0.0.1.evil.example", .plainNotLoopback(host: "127.0.0.1.evil.example")),
    ("http://127.evil.example.x", .plainNotLoopback(host: "127.evil.example.x")),
    ("http://localhost.evil.example", .plainNotLoopback(host: "localhost.evil.example")),
    ("http://[2001:db8::1]", .plainNotLoopback(host: "2001:db8::1")),
  ])
  func refused(text: String, error: VenueRESTError) {
    #expect(throws: error) { try VenueAddress(text) }
    #expect(!error.description.isEmpty)
  }

  @Test func aPlainNameIsNotLookedUp() throws {
    #expect(try VenueAddress("http://localhost:1").connectHost == "127.0.0.1")
    #expect(try VenueAddress("https://localhost:1").connectHost == "localhost")
    #expect(try VenueAddress("http://[::1]:1").connectHost == "::1")
  }
}

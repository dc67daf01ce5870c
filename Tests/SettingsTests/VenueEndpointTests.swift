import Testing

@testable import Settings

struct VenueEndpointTests {
  @Test(arguments: [
    ("https://api.topstepx.com", "api.topstepx.com", 443, "", false),
    ("https://API.TopstepX.com/", "api.topstepx.com", 443, "", false),
    ("HTTPS://rtc.topstepx.com/hubs/user", "rtc.topstepx.com", 443, "/hubs/user", false),
    ("ws://localhost", "localhost", 80, "", true),
    ("wss://localhost:8443/a/b/", "localhost", 8_443, "/a/b", true),
    ("http://127.0.0.1:1", "127.0.0.1", 1, "", true),
    ("http://127.255.0.9:65535", "127.255.0.9", 65_535, "", true),
    ("http://[::1]:80/x", "::1", 80, "/x", true),
    ("http://[0:0:0:0:0:0:0:1]", "0:0:0:0:0:0:0:1", 80, "", true),
    ("http://[::ffff:127.0.0.1]", "::ffff:127.0.0.1", 80, "", false),
    ("http://128.0.0.1", "128.0.0.1", 80, "", false),
    ("http://127.0.0.1.example", "127.0.0.1.example", 80, "", false),
    ("http://localhost.example", "localhost.example", 80, "", false),
  ])
  func parts(_ text: String, host: String, port: UInt16, path: String, isLoopback: Bool) throws {
    let url = try #require(VenueEndpoint(text))
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.path == path)
    #expect(url.isLoopback == isLoopback)
    #expect(VenueEndpoint("\(url)") == url)
  }

  @Test(arguments: [
    "", "api.topstepx.com", "//api", "ftp://api", "https:/api", "https://", "https://:80",
    "https://a b", "https://user@host", "https://host/?token=x", "https://host/#x",
    "https://host:", "https://host:0", "https://host:65536", "https://host:+1", "https://127.1",
    "https://1.2.3.256", "https://[::1", "https://[::1]x", "https://[host]", "https://ho%73t",
    "https://127.0.0.1:80:90", "https://[::1]:port",
  ])
  func whatIsNoURL(_ text: String) {
    #expect(VenueEndpoint(text) == nil)
  }

  @Test func tooLong() {
    #expect(VenueEndpoint("https://" + String(repeating: "a", count: 600)) == nil)
  }
}

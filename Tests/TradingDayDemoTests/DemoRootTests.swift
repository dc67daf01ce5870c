import FoundationEssentials
import Glibc
import Testing

@testable import TradingDayDemo

@Suite struct DemoRootTests {
  private static let shipped = SourceFolder.path("config/demo")

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func `the shipped configuration becomes a private root with a log to read`() throws {
    let root = try DemoRoot(configuration: Self.shipped)
    defer { root.remove() }
    #expect(mode(root.path) == 0o700)
    for name in ["config/config.yaml", "config/risk_config.yaml", "config/accounts.yaml", ".env"] {
      #expect(mode("\(root.path)/\(name)") == 0o600, "\(name)")
    }
    #expect(try text(root.path + "/config/config.yaml").contains(#"format: "json""#))
    let secrets = try text(Self.shipped + "/env.example")
    #expect(try text(root.path + "/.env") == secrets)
    #expect(root.controlSocket == root.path + "/run/control.sock")
    #expect(root.controlSocket.utf8.count <= 107)
  }

  @Test func `two roots are two folders, and removing takes everything`() throws {
    let first = try DemoRoot(configuration: Self.shipped)
    let second = try DemoRoot(configuration: Self.shipped)
    #expect(first.path != second.path)
    for root in [first, second] {
      mkdir(root.path + "/data", 0o700)
      root.remove()
      #expect(mode(root.path) == 0)
      root.remove()
    }
  }

  @Test func `a temporary folder that is too deep for a socket is not used`() throws {
    let deep = "/tmp/" + String(repeating: "d", count: 90)
    let root = try DemoRoot(configuration: Self.shipped, below: deep)
    defer { root.remove() }
    #expect(root.path.hasPrefix("/tmp/riskd-demo-"))
  }

  @Test func `a temporary folder that is missing is told`() {
    #expect(
      throws: DemoError.unwritable(path: "/nowhere", problem: "No such file or directory")
    ) { try DemoRoot(configuration: Self.shipped, below: "/nowhere") }
  }

  @Test func `a configuration that is not there is told`() {
    let problem = "start this in riskd's source folder, or name another"
    #expect(throws: DemoError.unreadable(path: "/nowhere/config.yaml", problem: problem)) {
      try DemoRoot(configuration: "/nowhere")
    }
  }

  @Test func `a configuration without a log format is refused`() throws {
    var template = Array("/tmp/riskd-demo-test-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&template)))
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = try #require(fopen(folder + "/config.yaml", "w"))
    fputs("logging: {}\n", file)
    fclose(file)
    let problem = #"there must be one line format: "text""#
    #expect(throws: DemoError.unusable(path: folder + "/config.yaml", problem: problem)) {
      try DemoRoot(configuration: folder)
    }
  }

  @Test func `errors say what is the matter`() {
    let texts: [(DemoError, String)] = [
      (.unreadable(path: "/a", problem: "gone"), "cannot read /a: gone"),
      (.unusable(path: "/a", problem: "empty"), "/a: empty"),
      (.unwritable(path: "/a", problem: "full"), "cannot write /a: full"),
      (.venue("away"), "the simulated venue: away"), (.riskd("is away"), "riskd is away"),
    ]
    for (error, text) in texts { #expect("\(error)" == text) }
  }
}
